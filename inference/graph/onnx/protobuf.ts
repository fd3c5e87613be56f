/** The part of the protobuf wire format that an ONNX model needs. */

export type Field = Uint8Array

const wire = { varint: 0, bytes: 2, fixed32: 5 } as const

/** An integer field; negative values take the ten bytes of two's complement. */
export function integer(field: number, value: number | bigint): Field {
  return Buffer.concat([tag(field, wire.varint), varint(BigInt.asUintN(64, BigInt(value)))])
}

/** A field of 32-bit floating point. */
export function float(field: number, value: number): Field {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([tag(field, wire.fixed32), bytes])
}

export function text(field: number, value: string): Field {
  return message(field, Buffer.from(value, 'utf8'))
}

/** A message, or raw bytes. */
export function message(field: number, ...parts: readonly Field[]): Field {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([tag(field, wire.bytes), varint(BigInt(length)), ...parts])
}

function tag(field: number, wireType: number): Uint8Array {
  return varint(BigInt((field << 3) | wireType))
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
