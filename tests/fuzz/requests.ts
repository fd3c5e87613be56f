/** Random requests: bodies, cursors, headers, methods and addresses that are right, or nearly, or not. */
import * as fc from 'fast-check'
import { mutate, mutateText, textMutation, valueMutation } from './mutations.ts'
import type { Sent } from './wire.ts'

/** An address that takes a method, and bodies that it takes. */
export interface Target {
  method: string
  path: string
  /** Left out where it takes none. */
  body?: fc.Arbitrary<unknown>
}

const often = <T>(usual: T, weight: number, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight, arbitrary: fc.constant(usual) },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  )

/** What a header may hold at all. */
const headerText = fc.string({
  maxLength: 40,
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
})

const methods = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
)

const contentTypes = often(
  'application/json',
  12,
  fc.constantFrom(
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/JSON;;;',
    'application/problem+json',
    'application/jsonp',
  ),
  headerText,
)

const accepts = often(
  'application/json',
  6,
  fc.constantFrom('text/event-stream', 'text/event-stream, */*', '*/*', '', 'image/png'),
  headerText,
)

const others = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'idempotency-key',
      'x-tpo-policy-key',
      'x-tpo-policy-url',
      'x-request-id',
      'content-encoding',
      'x-forwarded-host',
      'x-forwarded-for',
      'cookie',
      'x-api-key',
      'range',
      'if-none-match',
      'expect',
      'last-event-id',
      'accept-encoding',
      'te',
    ),
    fc.oneof(
      fc.constantFrom('', 'one', 'gzip', '100-continue', 'a b', 'x'.repeat(300), 'ä', '"x"'),
      headerText,
    ),
  ),
  fc.tuple(
    fc.constantFrom('host', 'origin'),
    fc.constantFrom(
      'localhost',
      'evil.example',
      'http://evil.example',
      'null',
      '127.0.0.1:1@evil.example',
      '[::1]',
      'localhost\\@evil',
      '',
    ),
  ),
  // Ours are few; these are as many and as long as Node takes.
  fc.tuple(
    fc.constantFrom('x-long', 'authorization'),
    fc.constantFrom('x'.repeat(6000), 'Bearer '.repeat(500)),
  ),
)

const pathEnds = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '/..',
    '/%2e%2e/%2e%2e/etc/passwd',
    '?',
    '?cursor=x&__proto__=y',
    '%00',
    '%',
    '%E0%A4%A',
    ';x',
    '/x'.repeat(500),
    '#x',
  ),
  fc.webPath(),
  fc.webQueryParameters().map((query) => `?${query}`),
)

export interface RequestOptions {
  targets: readonly Target[]
  /** Values of the header Authorization; '' leaves it out. */
  authorizations: fc.Arbitrary<string>
}

/** About half of them are right as they are. */
export function requests({ targets, authorizations }: RequestOptions): fc.Arbitrary<Sent> {
  const one = fc.constantFrom(...targets).chain((target) => {
    const wellFormed = {
      target: fc.constant(target),
      body: target.body ?? fc.constant(undefined),
      mutations: often([], 4, fc.array(valueMutation, { maxLength: 3 })),
      textMutations: often([], 8, fc.array(textMutation, { maxLength: 3 })),
      method: often(target.method, 30, methods),
      pathEnd: often('', 30, pathEnds),
      contentType: contentTypes,
      accept: accepts,
      authorization: authorizations,
      more: often([], 4, fc.array(others, { maxLength: 3 })),
      chunked: fc.boolean(),
    }
    return fc.record(wellFormed)
  })
  return one.map((drawn): Sent => {
    const { target, method, contentType, accept, authorization } = drawn
    const json = JSON.stringify(mutate(drawn.body, drawn.mutations)) ?? ''
    const none = target.body === undefined && drawn.textMutations.length === 0
    return {
      method,
      path: `${target.path}${drawn.pathEnd}`,
      headers: [
        ...(none ? [] : ['content-type', contentType]),
        'accept',
        accept,
        ...(authorization === '' ? [] : ['authorization', authorization]),
        ...drawn.more.flat(),
      ],
      body: none ? undefined : mutateText(json, drawn.textMutations),
      chunked: drawn.chunked,
    }
  })
}

const cursorMutation = fc.record({
  how: fc.constantFrom('flip', 'head', 'drop', 'insert', 'cut', 'join', 'spell'),
  at: fc.nat(4000),
  byte: fc.nat(255),
})

type CursorMutation = typeof cursorMutation extends fc.Arbitrary<infer T> ? T : never

/** The cursor, changed once; its end may become that of another. */
function changeCursor(text: string, { how, at, byte }: CursorMutation, other: string): string {
  if (how === 'spell') {
    return [`${text}=`, `${text}\n`, ` ${text}`, text.replaceAll('-', '+')][byte % 4] ?? text
  }
  const bytes = Buffer.from(text, 'base64url')
  const place = how === 'head' ? at % 13 : at % (bytes.length + 1)
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  const ends = {
    flip: () => [Buffer.of(byte), after.subarray(1)],
    head: () => [Buffer.of(byte), after.subarray(1)],
    drop: () => [after.subarray(1)],
    insert: () => [Buffer.of(byte), after],
    cut: () => [],
    join: () => [Buffer.from(other, 'base64url').subarray(place)],
  }
  return Buffer.concat([before, ...ends[how]()]).toString('base64url')
}

/** Cursors of a pool, as they are or changed by bytes. */
export function cursors(pool: readonly string[]): fc.Arbitrary<string> {
  const changes = fc.array(cursorMutation, { minLength: 1, maxLength: 3 })
  return fc
    .record({
      cursor: fc.constantFrom(...pool),
      other: fc.constantFrom(...pool),
      changes: often<CursorMutation[]>([], 3, changes),
    })
    .map(({ cursor, other, changes }) =>
      changes.reduce((text, change) => changeCursor(text, change, other), cursor),
    )
}
