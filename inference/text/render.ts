/** Runs a chat template, which came with the model and is not trusted: within bounds, or not at all. */
import { Environment, Interpreter, Template } from '@huggingface/jinja'

/** A thousand turns take a tenth of a second. */
const maxMilliseconds = 3000
/** Entries of a list, so that nothing done to one takes long. */
const maxItems = 100_000
/** Characters that a template may add to twice what it is given. */
const maxGrowth = 1_000_000

/** Of the library's types, as much as is used: those it ships do not reach TypeScript. */
interface Value {
  value: unknown
}
type Evaluate = (statement: unknown, scope: unknown) => Value

/** The names that a template has beside its input, as the library has them, with `range` in bounds. */
const globals = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range,
  raise_exception(reason: string) {
    throw new Error(reason)
  },
  // The library's own, which it does not export.
  strftime_now: (format: string) => new Template('{{ strftime_now(format) }}').render({ format }),
}

/**
 * The text a template makes of its input, whose texts have `given` characters together. Throws the
 * template's own error, or one that says which bound it has left.
 */
export function renderWithin(
  { parsed }: Template,
  input: Readonly<Record<string, unknown>>,
  given: number,
): string {
  const environment = new Environment()
  for (const [name, value] of Object.entries({ ...globals, ...input })) {
    environment.set(name, value)
  }
  const interpreter: { evaluate: Evaluate; run: (program: unknown) => Value } = new Interpreter(
    environment,
  )
  const evaluate: Evaluate = interpreter.evaluate.bind(interpreter)
  const maxLength = 2 * given + maxGrowth
  const end = performance.now() + maxMilliseconds
  // All evaluation, however nested, comes through here.
  interpreter.evaluate = (statement, scope) => {
    const result = evaluate(statement, scope)
    const { value } = result
    if (typeof value === 'string' && value.length > maxLength)
      throw tooMuch('characters', maxLength)
    if (Array.isArray(value) && value.length > maxItems) throw tooMuch('entries', maxItems)
    if (performance.now() > end) throw new Error(`it runs longer than ${maxMilliseconds / 1000} s`)
    return result
  }
  return String(interpreter.run(parsed).value)
}

const tooMuch = (what: string, most: number) => new Error(`it makes more than ${most} ${what}`)

function range(first: number, last?: number, step = 1): number[] {
  const [start, stop] = last === undefined ? [0, first] : [first, last]
  if (step === 0) throw new Error('range() step must not be zero')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  if (length > maxItems) throw tooMuch('entries', maxItems)
  return Array.from({ length }, (_, index) => start + index * step)
}
