import { InputError } from '../../../core/errors.js';

/** Most entries of one vector of tables; a model has some thousands. */
const MOST_TABLES = 2 ** 17;

/**
 * Reads a FlatBuffer whose offsets and lengths nobody has checked: everything is compared with the bytes that are
 * there, nothing is copied, and a table that is referred to many times is read on demand only.
 *
 * @see https://flatbuffers.dev/internals
 */
export class FlatReader {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    /** The file's name, for messages. */
    readonly where: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  root(): FlatTableView {
    return this.tableAt(this.uint32(0));
  }

  tableAt(position: number): FlatTableView {
    const layout = position - this.int32(position);
    const [size, extent] = [this.uint16(layout), this.uint16(layout + 2)];
    if (size < 4 || size % 2 === 1 || extent < 4)
      throw this.broken(`a table at ${position} without a layout`);
    this.check(layout, size);
    this.check(position, extent);
    return new FlatTableView(this, position, { layout, size, extent });
  }

  int8(at: number): number {
    this.check(at, 1);
    return this.view.getInt8(at);
  }

  uint8(at: number): number {
    this.check(at, 1);
    return this.view.getUint8(at);
  }

  uint16(at: number): number {
    this.check(at, 2);
    return this.view.getUint16(at, true);
  }

  int32(at: number): number {
    this.check(at, 4);
    return this.view.getInt32(at, true);
  }

  uint32(at: number): number {
    this.check(at, 4);
    return this.view.getUint32(at, true);
  }

  float32(at: number): number {
    this.check(at, 4);
    return this.view.getFloat32(at, true);
  }

  int64(at: number): bigint {
    this.check(at, 8);
    return this.view.getBigInt64(at, true);
  }

  /** Where an offset field leads. */
  follow(at: number): number {
    return at + this.uint32(at);
  }

  /** First entry and length of a vector whose entries have `size` bytes. */
  vector(at: number, size: number): { readonly start: number; readonly length: number } {
    const position = this.follow(at);
    const length = this.uint32(position);
    this.check(position + 4, length * size);
    return { start: position + 4, length };
  }

  /** @throws InputError unless `length` bytes stand at `at` */
  check(at: number, length: number): void {
    if (at >= 0 && at + length <= this.bytes.length) return;
    throw this.broken(`an offset to ${at}, ${length} bytes, in a file of ${this.bytes.length}`);
  }

  broken(received: string): InputError {
    return new InputError({ where: this.where, received, expected: 'a sound TensorFlow Lite model' });
  }
}

/** A table of a FlatBuffer; fields by their number in the schema, absent ones have defaults. */
export class FlatTableView {
  constructor(
    private readonly reader: FlatReader,
    private readonly position: number,
    private readonly shape: { readonly layout: number; readonly size: number; readonly extent: number },
  ) {}

  int8(field: number, absent = 0): number {
    const at = this.field(field);
    return at === undefined ? absent : this.reader.int8(at);
  }

  uint8(field: number, absent = 0): number {
    const at = this.field(field);
    return at === undefined ? absent : this.reader.uint8(at);
  }

  int32(field: number, absent = 0): number {
    const at = this.field(field);
    return at === undefined ? absent : this.reader.int32(at);
  }

  uint32(field: number, absent = 0): number {
    const at = this.field(field);
    return at === undefined ? absent : this.reader.uint32(at);
  }

  float32(field: number, absent = 0): number {
    const at = this.field(field);
    return at === undefined ? absent : this.reader.float32(at);
  }

  bool(field: number): boolean {
    return this.uint8(field) !== 0;
  }

  text(field: number): string | undefined {
    const bytes = this.bytes(field);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  /** A view of a vector of bytes, or of a string. */
  bytes(field: number): Uint8Array | undefined {
    const at = this.field(field);
    if (at === undefined) return undefined;
    const { start, length } = this.reader.vector(at, 1);
    return this.reader.bytes.subarray(start, start + length);
  }

  int32s(field: number): number[] {
    return this.numbers(field, 4, (at) => this.reader.int32(at));
  }

  float32s(field: number): number[] {
    return this.numbers(field, 4, (at) => this.reader.float32(at));
  }

  int64s(field: number): number[] {
    return this.numbers(field, 8, (at) => Number(this.reader.int64(at)));
  }

  table(field: number): FlatTableView | undefined {
    const at = this.field(field);
    return at === undefined ? undefined : this.reader.tableAt(this.reader.follow(at));
  }

  tables(field: number): FlatTableView[] {
    return this.numbers(field, 4, (at) => at).map((at) => this.reader.tableAt(this.reader.follow(at)));
  }

  private numbers(field: number, size: number, read: (at: number) => number): number[] {
    const at = this.field(field);
    if (at === undefined) return [];
    const { start, length } = this.reader.vector(at, size);
    if (length > MOST_TABLES) throw this.reader.broken(`a list of ${length} entries`);
    return Array.from({ length }, (_, i) => read(start + i * size));
  }

  /** Position of a field's value; undefined where the table leaves it out. */
  private field(number: number): number | undefined {
    const { layout, size, extent } = this.shape;
    const slot = 4 + 2 * number;
    if (slot + 2 > size) return undefined;
    const offset = this.reader.uint16(layout + slot);
    if (offset === 0) return undefined;
    if (offset >= extent) throw this.reader.broken(`a field outside its table at ${this.position}`);
    return this.position + offset;
  }
}
