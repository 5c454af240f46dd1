#!/usr/bin/env node
// Opens a room, lets everybody in and tells each what time it is: time_bot.js [SECONDS]
import {AudioSource, Call, speak} from '../index.js';

const [seconds = '3600'] = process.argv.slice(2);
const voice = AudioSource.pushed({paced: true});
const call = Call.host({name: 'Clock', audio: voice, listen: '127.0.0.1'});
setTimeout(() => call.leave(), Number(seconds) * 1000);

for await (const event of call) {
  if (event.type === 'roomReady') console.log(call.link);
  if (event.type === 'knock') call.admit(event.id);
  if (event.type === 'memberJoined') {
    const time = new Date();
    voice.push(speak(`Hello ${event.name}. It is ${time.getHours()} hours and ${time.getMinutes()} minutes.`));
  }
  if (event.type === 'ended' && event.error) throw event.error;
}
await call.close();
