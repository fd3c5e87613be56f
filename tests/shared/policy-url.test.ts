import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAllowedPolicyUrl, PolicyUrl } from '../../shared/policy-url.ts'

const origin = 'http://gpu:8000'
const gateway = 'https://llm.example/team-a'

test.each([
  [origin, 'http://gpu:8000'],
  [origin, 'http://gpu:8000/v1'],
  [origin, 'http://GPU:8000/other/'],
  [`${origin}/v1`, 'http://gpu:8000/v1'],
  [`${origin}/v1/`, 'http://gpu:8000/v1'],
  [`${origin}/v1`, 'http://gpu:8000/v1/'],
  [gateway, 'https://llm.example:443/team-a/v1'],
  [gateway, 'https://llm.example/other/../team-a/v1'],
  ['*', 'http://127.0.0.1:1/v1'],
])('%s allows %s', (allowed, url) => {
  expect(isAllowedPolicyUrl([allowed], url)).toBe(true)
  expect(PolicyUrl.safeParse(url).success).toBe(true)
})

describe.each([
  ['another place', true],
  ['no plain address', false],
])('%s is refused', (_, plain) => {
  const elsewhere = [
    'http://gpu:8001/v1',
    'https://gpu:8000/v1',
    'http://gpu/v1',
    'http://gpu.:8000/v1',
    'http://evil.example/gpu:8000/v1',
    'https://llm.example/team-b',
    'https://llm.example/team-a-and-more',
    'https://llm.example/team-a/../team-b',
    'https://llm.example/team-a/%2e%2e/team-b',
    'https://llm.example//team-a',
  ]
  const odd = [
    '',
    'gpu:8000',
    '//gpu:8000/v1',
    'file:///etc/passwd',
    'ftp://gpu:8000/v1',
    ' http://gpu:8000/v1',
    'http://gpu:8000/v1 ',
    'http://gpu:8000\t/v1',
    'http://gpu:8000/v1\n',
    'http://gpu:8000.evil.example/v1',
    'http://gpu:8000\\v1',
    'http://evil.example\\gpu:8000/v1',
    'https://llm.example/team-a/.\t./team-b',
    'http://gpu:8000@evil.example/v1',
    'http://user@gpu:8000/v1',
    'http://:password@gpu:8000/v1',
    'http://evil.example\\@gpu:8000/v1?',
    'http://gpu:8000/v1?key=x',
    'http://gpu:8000/v1?',
    'http://gpu:8000/v1#',
    'https://llm.example/team-a/..;/team-b',
    'https://llm.example/team-a/..%2fteam-b',
    'https://llm.example/team-a/%252e%252e/team-b',
  ]
  test.each(plain ? elsewhere : odd)('%j', (url) => {
    expect(PolicyUrl.safeParse(url).success).toBe(plain)
    expect(isAllowedPolicyUrl([`${origin}/v1`, gateway], url)).toBe(false)
  })
})

test('whatever is allowed is asked at the allowed place', () => {
  const parts =
    'http: https: // / \\ @ : . .. %2e %2f %5c ; ? # \t gpu gpu:8000 evil.example v1 v1x ｖ1 。 0x7f'
  const part = constantFrom(' ', '\n', ...parts.split(' '))
  const spelling = array(part, { maxLength: 8 }).map((parts) => parts.join(''))
  const near = constantFrom('', 'http://gpu:8000', 'http://gpu:8000/v1', 'http://gpu:8000/v1/')
  assert(
    property(near, spelling, (start, rest) => {
      const text = start + rest
      if (!isAllowedPolicyUrl([`${origin}/v1`], text)) return
      const asked = new Request(`${text}/chat/completions`).url
      expect(asked.startsWith(`${origin}/v1/`)).toBe(true)
    }),
    { numRuns: 5000 },
  )
})

test('nothing is allowed where nothing is named', () => {
  expect(isAllowedPolicyUrl([], 'http://gpu:8000/v1')).toBe(false)
  expect(isAllowedPolicyUrl(['*'], 'file:///etc/passwd')).toBe(false)
})
