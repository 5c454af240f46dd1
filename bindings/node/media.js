import {call, inSlices} from './errors.js';

const [PUSHED, PACED, SYNTHETIC, FILE, DEVICE] = [1, 2, 3, 4, 5];

class Source {
  constructor(handle) { this.handle = handle; }
  close() { call('close', this.handle); }
}

export class VideoSource extends Source {
  static #open(kind, {width = 640, height = 360, framesPerSecond = 30, bitrate = 800_000, loop = false} = {}, path = '') {
    const source = new VideoSource(call('openSource', {kind, path, width, height, framesPerSecond, bitrate, loop: Number(loop)}, 1));
    return Object.assign(source, {width, height});
  }
  static pushed(options) { return this.#open(options?.paced ? PACED : PUSHED, options); }
  static synthetic(options) { return this.#open(SYNTHETIC, options); }
  static file(path, options) { return this.#open(FILE, options, path); }
  static camera(device = '', options) { return this.#open(DEVICE, options, device); }
  push(y, u, v) { call('pushPicture', this.handle, this.width, this.height, y, u, v); }
}

export class AudioSource extends Source {
  static #open(kind, {channels = 1, bitrate = 32_000, loop = false} = {}, path = '') {
    return new AudioSource(call('openSource', {kind, path, channels, bitrate, loop: Number(loop)}, 0));
  }
  static pushed(options) { return this.#open(options?.paced ? PACED : PUSHED, options); }
  static synthetic(options) { return this.#open(SYNTHETIC, options); }
  static file(path, options) { return this.#open(FILE, options, path); }
  static microphone(name = '', options) { return this.#open(DEVICE, options, name); }
  push(samples) { call('pushSound', this.handle, samples); }
  get waiting() { return call('waiting', this.handle) / 1e6; }
}

const samplesOf = bytes => new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

export const speak = words => samplesOf(call('speak', words));
export const now = () => call('now');
export const version = () => call('version');

export class Sink {
  constructor(kind, path = '', media = 0, mostWaiting = 0) { this.handle = call('openSink', kind, path, media, mostWaiting); }
  static webm(path) { return new Sink(2, path); }
  static still(path) { return new Sink(3, path); }
  static window(title) { return new Sink(4, title); }
  static speaker() { return new Sink(5); }
  close() { call('close', this.handle); }
}

function pieceOf(piece) {
  const {kind, member, width, height, channels, captureTime, time, bytes} = piece;
  if (kind === 2) return {kind: 'sound', member, channels, samples: samplesOf(bytes), captureTime, time};
  const luma = width * height, chroma = ((width + 1) >> 1) * ((height + 1) >> 1);
  return {kind: 'picture', member, width, height, y: bytes.subarray(0, luma), u: bytes.subarray(luma, luma + chroma), v: bytes.subarray(luma + chroma),
    captureTime, time};
}

export class Inbox extends Sink {
  constructor({pictures = true, sound = true, mostWaiting = 64} = {}) {
    super(1, '', (pictures ? 1 : 0) | (sound ? 2 : 0), mostWaiting);
  }
  async next(seconds = 0.25) {
    const piece = await inSlices(seconds, micro => call('fetch', this.handle, micro));
    return piece && pieceOf(piece);
  }
  async *[Symbol.asyncIterator]() {
    for (;;) {
      let piece;
      try {
        piece = await this.next();
      } catch (error) {
        if (error.code === 101) return; // the call is over, and everything was fetched
        throw error;
      }
      if (piece) yield piece;
    }
  }
}
