#!/usr/bin/env node
// Joins a call and records it: record.js LINK FILE.webm [SECONDS]
import {Call, Sink} from '../index.js';

const [link, path, seconds = '60'] = process.argv.slice(2);
if (!path) {
  console.error('usage: record.js LINK FILE.webm [SECONDS]');
  process.exit(2);
}
const call = Call.join(link, {name: 'Recorder', sinks: [Sink.webm(path)]});
call.on('joined', () => setTimeout(() => call.leave(), Number(seconds) * 1000).unref());
call.on('memberJoined', ({name}) => console.log(`${name} is in the room`));
call.on('safetyCode', ({digits}) => console.log(`safety code ${digits}`));
const {error} = await call.start();
await call.finish(); // now the file is whole
await call.close();
if (error) throw error;
