/**
 * Runs a causal model's graph: a prompt once, then rows that continue it, one token per step.
 * See `sharedPromptAttention` for the graph's inputs.
 */
import type { Decoder } from '../model/decoder.ts'
import {
  floatOutput,
  floats,
  type InferenceSession,
  integers,
  longs,
  rotaryTables,
} from '../runtime/ort.ts'
import type { RopeTables } from '../runtime/rope.ts'

export type CausalShape = Pick<Decoder, 'layers' | 'heads' | 'kvHeads' | 'headSize'>

export interface Decoding {
  /** Feeds one token to every row; returns the logits [rows, width] of what comes next. */
  step: (tokens: Int32Array) => Promise<Float32Array>
  /** Takes a row out; the last row moves to its place. */
  drop: (row: number) => void
}

export interface CausalModel {
  /** Logits [positions, width] of one sequence. */
  logits: (ids: Int32Array, positions: Int32Array) => Promise<Float32Array>
  /**
   * Runs a prompt; `logits` [width] are those of the token after it, which `rows` rows then
   * continue. Aborting stops between two chunks of the prompt.
   */
  prefill: (
    ids: Int32Array,
    rows: number,
    isStopped: () => boolean,
  ) => Promise<{ logits: Float32Array; decoding: Decoding }>
}

/** Keys and values by layer: key 0, value 0, key 1… */
type Cache = readonly Float32Array[]

/** One run's place in the sequence. `own` holds [kvHeads, rows, ownCapacity, headSize]. */
interface Context {
  prompt: Cache
  promptLength: number
  own: Cache
  ownCapacity: number
  ownLength: number
}

/** Longest piece of a prompt in one run: bounds the memory for scores and the time to abort. */
const chunkTokens = 512

/** Positions by which the rows' own cache grows; unused ones are masked, and cost a little. */
const growth = 64

export function causalModel(
  session: InferenceSession,
  rope: (length: number) => readonly RopeTables[],
  shape: CausalShape,
): CausalModel {
  const { layers, heads, kvHeads, headSize } = shape
  const groups = heads / kvHeads
  const names = Array.from({ length: 2 * layers.length }, (_, place) => {
    const layer = Math.floor(place / 2)
    return place % 2 === 0 ? `key.${layer}` : `value.${layer}`
  })
  const emptyCache = (positions: number): Cache =>
    names.map(() => new Float32Array(kvHeads * positions * headSize))

  /** One run of `ids` [rows, T]: logits at `positions` and the new keys and values. */
  const run = async (context: Context, rows: number, ids: Int32Array, positions: Int32Array) => {
    const { prompt, promptLength, own, ownCapacity, ownLength } = context
    const fresh = ids.length / rows
    const promptSize = Math.max(1, promptLength)
    const offset = promptLength + ownLength
    const feeds = {
      input_ids: integers(ids, [rows, fresh]),
      positions: integers(positions, [positions.length]),
      offset: longs([offset]),
      ...rotaryTables(rope(offset + fresh)),
      mask: maskOf(context, fresh),
      parts: longs([promptSize, ownCapacity, fresh]),
      scores_shape: longs([kvHeads, rows, groups, fresh, promptSize + ownCapacity + fresh]),
      prompt_shape: longs([kvHeads, rows, groups * fresh, promptSize]),
      prompt_rows: longs([kvHeads, rows * groups * fresh, promptSize]),
      own_rows: longs([kvHeads, rows, groups * fresh, ownCapacity]),
      new_rows: longs([kvHeads, rows, groups * fresh, fresh]),
      mixed_shape: longs([kvHeads, rows, groups, fresh, headSize]),
      ...tensors('prompt', prompt, [kvHeads, promptSize, headSize]),
      ...tensors('own', own, [kvHeads, rows, ownCapacity, headSize]),
    }
    const outputs = await session.run(feeds)
    return {
      logits: floatOutput(outputs, 'logits'),
      fresh: names.map((name) => floatOutput(outputs, `new_${name}`)),
    }
  }

  const tensors = (part: string, cache: Cache, dimensions: readonly number[]) =>
    Object.fromEntries(
      cache.map((data, place) => [`${part}_${names[place]}`, floats(data, dimensions)]),
    )

  const start = (): Context => ({
    prompt: emptyCache(1),
    promptLength: 0,
    own: emptyCache(1),
    ownCapacity: 1,
    ownLength: 0,
  })

  const prefill: CausalModel['prefill'] = async (ids, rows, isStopped) => {
    const context = start()
    let logits: Float32Array = new Float32Array()
    for (let from = 0; from < ids.length; from += chunkTokens) {
      if (from > 0 && isStopped()) break
      const chunk = ids.subarray(from, from + chunkTokens)
      const ran = await run(context, 1, chunk, Int32Array.of(chunk.length - 1))
      logits = ran.logits
      context.prompt = context.prompt.map((before, place) =>
        joinPositions(before, from, ran.fresh[place] ?? before, chunk.length, shape),
      )
      context.promptLength = from + chunk.length
    }
    return { logits, decoding: decodingOf(context, rows) }
  }

  const decodingOf = (context: Context, initialRows: number): Decoding => {
    let rows = initialRows
    const last = Int32Array.of(0)

    const grow = () => {
      const capacity = context.ownLength + growth
      context.own = context.own.map((before) => {
        const grown = new Float32Array(kvHeads * rows * capacity * headSize)
        const kept = { data: before, block: context.ownCapacity * headSize }
        const length = context.ownLength * headSize
        copyBlocks(kept, { data: grown, block: capacity * headSize, offset: 0 }, length)
        return grown
      })
      context.ownCapacity = capacity
    }

    return {
      async step(tokens) {
        if (context.ownLength % growth === 0) grow()
        const ran = await run(context, rows, tokens, last)
        const block = context.ownCapacity * headSize
        const offset = context.ownLength * headSize
        for (const [place, data] of context.own.entries()) {
          const fresh = { data: ran.fresh[place] ?? data, block: headSize }
          copyBlocks(fresh, { data, block, offset }, headSize)
        }
        context.ownLength++
        return ran.logits
      },

      drop(row) {
        const rowSize = context.ownCapacity * headSize
        context.own = context.own.map((buffer) => {
          for (let head = 0; head < kvHeads; head++) {
            const from = head * rows * rowSize
            const lastRow = from + (rows - 1) * rowSize
            buffer.copyWithin(from + row * rowSize, lastRow, lastRow + rowSize)
            buffer.copyWithin(head * (rows - 1) * rowSize, from, lastRow)
          }
          return buffer.subarray(0, kvHeads * (rows - 1) * rowSize)
        })
        rows--
      },
    }
  }

  return {
    prefill,
    async logits(ids, positions) {
      const { logits } = await run(start(), 1, ids, positions)
      return logits
    },
  }
}

/** [T, L]: minus infinity where a new token must not look. */
function maskOf({ promptLength, ownCapacity, ownLength }: Context, fresh: number) {
  const promptSize = Math.max(1, promptLength)
  const all = promptSize + ownCapacity + fresh
  const mask = new Float32Array(fresh * all)
  for (let token = 0; token < fresh; token++) {
    const row = mask.subarray(token * all, (token + 1) * all)
    if (promptLength === 0) row[0] = -Infinity
    row.fill(-Infinity, promptSize + ownLength, promptSize + ownCapacity)
    row.fill(-Infinity, promptSize + ownCapacity + token + 1)
  }
  return floats(mask, [fresh, all])
}

/** [kvHeads, length, headSize] followed by [kvHeads, freshLength, headSize], per head. */
function joinPositions(
  before: Float32Array,
  length: number,
  fresh: Float32Array,
  freshLength: number,
  { kvHeads, headSize }: CausalShape,
): Float32Array {
  if (length === 0) return fresh
  const old = length * headSize
  const added = freshLength * headSize
  const joined = new Float32Array(kvHeads * (old + added))
  copyBlocks({ data: before, block: old }, { data: joined, block: old + added, offset: 0 }, old)
  copyBlocks(
    { data: fresh, block: added },
    { data: joined, block: old + added, offset: old },
    added,
  )
  return joined
}

interface Blocks {
  data: Float32Array
  /** Numbers per block. */
  block: number
}

/** Copies the first `length` numbers of every block to the same block's `offset` in `to`. */
function copyBlocks(from: Blocks, to: Blocks & { offset: number }, length: number): void {
  const count = to.data.length / to.block
  for (let place = 0; place < count; place++) {
    const start = place * from.block
    to.data.set(from.data.subarray(start, start + length), place * to.block + to.offset)
  }
}
