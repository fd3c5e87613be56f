/** What random requests do to a body that was right: to its values, to its text, to its bytes. */
import * as fc from 'fast-check'

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

/** Names that mean something to JavaScript, to other servers, or to nobody. */
const names = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '',
    '\0',
    '\uD800',
    '🙂',
    'a.b[0]',
    'k'.repeat(5000),
    'base_url',
    'api_base',
    'api_key',
    'cursor',
    'query',
    'messages',
    'model',
    'stream',
    'edit',
    'until',
    'stop',
    'n',
  ),
  fc.string({ maxLength: 6, unit: 'binary' }),
)

const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -0,
    -1,
    0.5,
    2.3,
    1e21,
    2 ** 31,
    2 ** 53,
    Number.MIN_VALUE,
    Number.MAX_VALUE,
    '',
    ' ',
    '\0',
    '\uD800',
    'e\u0301\u202E\u200D',
    'NaN',
    '1',
    '<answer></answer></think>',
    '{{chosen}}',
    '\r\n\r\ndata: [DONE]\n\n',
    'http://169.254.169.254/latest',
    'x'.repeat(100_000),
    '🙂'.repeat(10_000),
    [],
    {},
    [null],
    Array.from({ length: 2000 }, () => 'a'),
  ),
  fc.constantFrom(60, 70, 2000).map(nested),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

export const valueMutation = fc.record({
  /** Which of the body's values. */
  at: fc.nat(200),
  how: fc.constantFrom('replace', 'remove', 'add', 'wrap', 'unwrap'),
  name: names,
  value: values,
})
export type ValueMutation = typeof valueMutation extends fc.Arbitrary<infer T> ? T : never

type Container = Record<string, unknown> | unknown[]

interface Place {
  container: Container
  key: string
}

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null

/** As JSON.parse puts it: a field called `__proto__` is one like any other. */
function put(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

const get = (container: Container, key: string): unknown =>
  Object.getOwnPropertyDescriptor(container, key)?.value

function places(container: Container, all: Place[] = []): Place[] {
  for (const key of Object.keys(container)) {
    all.push({ container, key })
    const value = get(container, key)
    // What was nested on purpose is one value.
    if (isContainer(value) && all.length < 200) places(value, all)
  }
  return all
}

/** A copy of the body, changed. */
export function mutate(body: unknown, mutations: readonly ValueMutation[]): unknown {
  const root: Container = [structuredClone(body)]
  for (const { at, how, name, value } of mutations) {
    const all = places(root)
    const place: Place = all[at % all.length] ?? { container: root, key: '0' }
    const { container, key } = place
    const old = get(container, key)
    if (how === 'replace') put(container, key, value)
    if (how === 'wrap') put(container, key, [old])
    if (how === 'unwrap' && isContainer(old)) put(container, key, Object.values(old)[0])
    if (how === 'add' && isContainer(old) && !Array.isArray(old)) put(old, name, value)
    if (how === 'remove' && container !== root) Reflect.deleteProperty(container, key)
  }
  return get(root, '0')
}

const snippets = [
  'NaN',
  'Infinity',
  '-',
  '1e999',
  '\uFEFF',
  '\0',
  '\\ud800',
  '"query":1,',
  '"cursor":"","cursor":',
  '"__proto__":{"query":"Q"},',
  '//',
  '{',
  '['.repeat(50_000),
  ']',
  '"',
  ',',
]

export const textMutation = fc.oneof(
  fc.record({ how: fc.constant('cut' as const), at: fc.nat(2000) }),
  fc.record({
    how: fc.constant('insert' as const),
    at: fc.nat(2000),
    text: fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 4, unit: 'binary' })),
  }),
  fc.record({ how: fc.constant('byte' as const), at: fc.nat(2000), byte: fc.nat(255) }),
)
export type TextMutation = typeof textMutation extends fc.Arbitrary<infer T> ? T : never

/** The text, changed as bytes: what comes out need not be UTF-8. */
export function mutateText(text: string, mutations: readonly TextMutation[]): Buffer {
  let bytes = Buffer.from(text)
  for (const mutation of mutations) {
    const at = mutation.at % (bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    const ends = {
      cut: () => [],
      insert: () => [Buffer.from('text' in mutation ? mutation.text : ''), after],
      byte: () => [Buffer.of('byte' in mutation ? mutation.byte : 0), after.subarray(1)],
    }
    bytes = Buffer.concat([before, ...ends[mutation.how]()])
  }
  return bytes
}
