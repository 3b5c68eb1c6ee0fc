/** A field: its name, its type (a scalar, an enumeration or a message), and whether it may occur often. */
export type Field = readonly [name: string, type: string, repeated?: 'repeated'];

/** The fields of one message by number. */
export type Fields = Readonly<Record<number, Field>>;

/** Messages by name. */
export type Messages = Readonly<Record<string, Fields>>;

/** Protobuf's scalar types that occur in a HEF. */
export const SCALARS = ['uint32', 'uint64', 'int32', 'bool', 'float', 'double', 'string', 'bytes'] as const;

/** One of {@link SCALARS}. */
export type Scalar = (typeof SCALARS)[number];
