/** Builds an ONNX model whose weights are ranges of bytes of other files. */
import { float, type Field, integer, message, text } from './protobuf.ts'

export const elementType = { F32: 1, I32: 6, I64: 7, F16: 10, BF16: 16 } as const
export type ElementType = keyof typeof elementType

/** Wrapped, since 1 and 1.0 are different attributes. */
export type Attribute = { int: number } | { float: number } | { ints: readonly number[] }

export interface GraphNode {
  op: string
  /** The empty string stands for an input that is left out. */
  inputs: readonly string[]
  outputs?: readonly string[]
  attributes?: Readonly<Record<string, Attribute>>
  /** ONNX Runtime's own operators live in com.microsoft. */
  domain?: 'com.microsoft'
}

export interface ExternalWeight {
  name: string
  type: ElementType
  shape: readonly number[]
  /** Relative to the folder that the session is given. */
  location: string
  offset: number
  length: number
}

/** A dimension is a size, or a name where it varies. */
type Dimension = number | string

export interface Graph {
  input: (name: string, type: ElementType, shape: readonly Dimension[]) => string
  output: (name: string, type: ElementType, shape: readonly Dimension[]) => void
  weight: (weight: ExternalWeight) => string
  /** A vector of 64-bit integers that is part of the model, such as a shape. */
  constant: (values: readonly number[]) => string
  /** A 32-bit floating-point number that is part of the model. */
  scalar: (value: number) => string
  /** Appends a node and returns the name of its first output. */
  node: (node: GraphNode) => string
  /** The serialised model. */
  encode: () => Uint8Array
}

const irVersion = 10
const opset = 23
const externalLocation = 1

export function createGraph(): Graph {
  const nodes: Field[] = []
  const weights: Field[] = []
  const inputs: Field[] = []
  const outputs: Field[] = []
  const constants = new Set<string>()
  const embed = (name: string, type: ElementType, shape: readonly number[], data: ArrayBuffer) => {
    if (!constants.has(name)) {
      constants.add(name)
      weights.push(
        message(
          5,
          ...shape.map((dimension) => integer(1, dimension)),
          integer(2, elementType[type]),
          text(8, name),
          message(9, Buffer.from(data)),
        ),
      )
    }
    return name
  }
  return {
    input(name, type, shape) {
      inputs.push(message(11, ...valueInfo(name, type, shape)))
      return name
    },
    output(name, type, shape) {
      outputs.push(message(12, ...valueInfo(name, type, shape)))
    },
    weight({ name, type, shape, location, offset, length }) {
      const external = { location, offset: String(offset), length: String(length) }
      weights.push(
        message(
          5,
          ...shape.map((dimension) => integer(1, dimension)),
          integer(2, elementType[type]),
          text(8, name),
          ...Object.entries(external).map(([key, value]) =>
            message(13, text(1, key), text(2, value)),
          ),
          integer(14, externalLocation),
        ),
      )
      return name
    },
    constant(values) {
      const name = `constant [${values.join(', ')}]`
      return embed(name, 'I64', [values.length], BigInt64Array.from(values, BigInt).buffer)
    },
    scalar(value) {
      return embed(`constant ${value}`, 'F32', [], Float32Array.of(value).buffer)
    },
    node({ op, inputs, outputs, attributes = {}, domain }) {
      const name = `n${nodes.length}`
      const named = outputs ?? [name]
      nodes.push(
        message(
          1,
          ...inputs.map((input) => text(1, input)),
          ...named.map((output) => text(2, output)),
          text(3, name),
          text(4, op),
          ...Object.entries(attributes).map(([key, value]) => message(5, ...attribute(key, value))),
          ...(domain === undefined ? [] : [text(7, domain)]),
        ),
      )
      return named[0] ?? name
    },
    encode() {
      const graph = [...nodes, text(2, 'model'), ...weights, ...inputs, ...outputs]
      return Buffer.concat([
        integer(1, irVersion),
        message(7, ...graph),
        message(8, text(1, ''), integer(2, opset)),
        message(8, text(1, 'com.microsoft'), integer(2, 1)),
      ])
    },
  }
}

function attribute(name: string, value: Attribute): Field[] {
  if ('int' in value) return [text(1, name), integer(3, value.int), integer(20, 2)]
  if ('float' in value) return [text(1, name), float(2, value.float), integer(20, 1)]
  return [text(1, name), ...value.ints.map((item) => integer(8, item)), integer(20, 7)]
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): Field[] {
  const dimensions = shape.map((dimension) =>
    message(1, typeof dimension === 'number' ? integer(1, dimension) : text(2, dimension)),
  )
  const tensor = message(1, integer(1, elementType[type]), message(2, ...dimensions))
  return [text(1, name), message(2, tensor)]
}
