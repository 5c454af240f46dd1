// One end of a call that is checked at both: peer.mjs MODULE OWN OTHER [LINK]. Like peer.c.
const [module, own, other, link] = process.argv.slice(2);
const {AudioSource, Call, Inbox, VideoSource} = await import(module);

const [WIDTH, HEIGHT] = [160, 90];
const level = (number, quadrant) => 40 + 20 * ((3 * number + 5 * quadrant) % 8);
const tone = number => 300 + 100 * number;
const judged = {pictures: 0, sounds: 0, heard: []};
const satisfied = () => judged.pictures >= 10 && judged.sounds >= 3;

function sources() {
  const video = VideoSource.pushed({paced: true, width: WIDTH, height: HEIGHT, framesPerSecond: 15, bitrate: 200_000});
  const audio = AudioSource.pushed({paced: true});
  const quadrant = i => 2 * (i / WIDTH >= HEIGHT / 2) + (i % WIDTH >= WIDTH / 2);
  const grey = new Uint8Array(WIDTH * HEIGHT / 4).fill(128);
  video.push(Uint8Array.from({length: WIDTH * HEIGHT}, (_, i) => level(Number(own), quadrant(i))), grey, grey);
  audio.push(Int16Array.from({length: 480_000}, (_, i) => 8000 * Math.sin(2 * Math.PI * tone(Number(own)) * i / 48_000)));
  return {video, audio};
}

function take(piece) {
  if (piece.kind === 'picture' && piece.width === WIDTH) {
    const at = q => piece.y[(22 + 45 * (q >> 1)) * WIDTH + 40 + 80 * (q & 1)];
    judged.pictures += Number([0, 1, 2, 3].every(q => Math.abs(at(q) - level(Number(other), q)) <= 8));
  } else if (piece.kind === 'sound') {
    judged.heard.push(...piece.samples);
    if (judged.heard.length < 24_000) return;
    const crossings = judged.heard.filter((sample, i, all) => i > 0 && (sample < 0) !== (all[i - 1] < 0)).length;
    judged.sounds += Number(Math.abs(crossings * 24_000 / judged.heard.length - tone(Number(other))) <= 30);
    judged.heard = [];
  }
}

const inbox = new Inbox({mostWaiting: 1000});
const options = {name: 'Node', sinks: [inbox], listen: '127.0.0.1', ...sources()};
const call = link ? Call.join(link, options) : Call.host(options);
call.on('roomReady', () => console.log(call.link));
call.on('knock', ({id}) => call.admit(id));
let leaving = false, over = false;
const leaveIn = ms => setTimeout(() => over || call.leave(), ms).unref();
leaveIn(20_000);
const watching = (async () => {
  for await (const piece of inbox) {
    take(piece);
    if (!leaving && satisfied()) {
      leaving = true;
      leaveIn(1500);
    }
  }
})();
await call.start();
over = true;
await call.close();
await watching;
console.log(`pictures ${judged.pictures}, half seconds of sound ${judged.sounds}`);
process.exitCode = satisfied() ? 0 : 1;
