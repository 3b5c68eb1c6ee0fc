/** Header of a picture in the PPM format: `P6`, width, height, highest value. */
export interface PpmHeader {
  readonly width: number;
  readonly height: number;
}

/** What {@link PpmReader} calls. */
export interface PpmEvents {
  /** A buffer of exactly so many bytes for the next picture. */
  lend(length: number): Uint8Array;
  /** A whole picture, `[row, column, RGB]`. */
  picture(header: PpmHeader, pixels: Uint8Array): void;
}

/** No header of a picture that fits in memory is longer. */
const LONGEST_HEADER = 64;
/** 64 million pixels. */
const MOST_PIXELS = 1 << 26;
const NEWLINE = 10;

/**
 * Splits a stream of PPM pictures (24 bits, raw) into frames.
 *
 * ffmpeg writes one after another: pixels as they are, each with a short header, so that the size of a stream need
 * not be known before and may change.
 */
export class PpmReader {
  private header = '';
  private lines = 0;
  private size: PpmHeader | undefined;
  private pixels: Uint8Array = new Uint8Array(0);
  private filled = 0;

  constructor(private readonly events: PpmEvents) {}

  /** Takes the next bytes. @throws Error when they are no PPM */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;)
      at = this.size === undefined ? this.readHeader(chunk, at) : this.fill(chunk, at);
  }

  /** Whether the stream ended between two pictures. */
  get isComplete(): boolean {
    return this.size === undefined && this.header === '';
  }

  private readHeader(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && this.lines < 3) {
      const byte = chunk[at++] ?? 0;
      this.header += String.fromCharCode(byte);
      if (byte === NEWLINE) this.lines++;
      if (this.header.length > LONGEST_HEADER) throw new Error('a stream that is no PPM');
    }
    if (this.lines === 3) this.begin(parseHeader(this.header));
    return at;
  }

  private begin(size: PpmHeader): void {
    this.size = size;
    this.pixels = this.events.lend(size.width * size.height * 3);
    this.filled = 0;
    this.header = '';
    this.lines = 0;
  }

  private fill(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.pixels.length - this.filled);
    this.pixels.set(chunk.subarray(at, end), this.filled);
    this.filled += end - at;
    if (this.filled === this.pixels.length && this.size !== undefined) {
      const { size } = this;
      this.size = undefined;
      this.events.picture(size, this.pixels);
    }
    return end;
  }
}

function parseHeader(text: string): PpmHeader {
  const [, width = 0, height = 0] = (/^P6\n(\d+) (\d+)\n255\n$/.exec(text) ?? []).map(Number);
  if (width * height > 0 && width * height <= MOST_PIXELS) return { width, height };
  throw new Error(`a PPM header "${text.trim().replaceAll('\n', ' ')}"`);
}
