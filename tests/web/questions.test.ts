import * as fc from 'fast-check'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { readCsv } from '../../clients/common/csv-text.ts'
import { describeQuestionError } from '../../clients/common/question-faults.ts'
import { readQuestions } from '../../clients/common/questions.ts'

const errors = (text: string, name?: string) =>
  readQuestions(text, name).errors.map(describeQuestionError)
const questions = (text: string, name?: string) => {
  expect(errors(text, name)).toEqual([])
  return readQuestions(text, name).questions
}

const messages = [
  { role: 'user', content: '你好' },
  { role: 'assistant', content: '你好！' },
  { role: 'user', content: 'Say it\nagain' },
]

test('a JSON list, JSON lines and CSV say the same', () => {
  const rows = [
    { id: 'a', query: 'Why, "exactly"?\nSecond line' },
    { id: 'b', system: 'Be brief.', question: '为什么？' },
    { id: 'c', messages },
    { query: 'Without an id' },
  ]
  const expected = [
    { id: 'a', query: 'Why, "exactly"?\nSecond line' },
    {
      id: 'b',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: '为什么？' },
      ],
    },
    { id: 'c', messages },
    { id: '4', query: 'Without an id' },
  ]
  const fields = ['id', 'query', 'question', 'system', 'messages']
  const csv = Papa.unparse({
    fields,
    data: rows.map((row) => ({
      ...row,
      messages: 'messages' in row ? JSON.stringify(row.messages) : '',
    })),
  })
  const lines = rows.map((row) => JSON.stringify(row)).join('\r\n\r\n')
  expect(questions(JSON.stringify(rows, null, 2))).toEqual(expected)
  expect(questions(`\uFEFF${lines}\r\n`)).toEqual(expected)
  expect(questions(`\uFEFF${csv}\r\n`, 'q.csv')).toEqual(expected)
  expect(questions(csv.replaceAll('\r\n', '\n'))).toEqual(expected)
})

test('questions alone are a file too', () => {
  expect(questions('["One?", "Two?"]')).toEqual([
    { id: '1', query: 'One?' },
    { id: '2', query: 'Two?' },
  ])
  expect(questions('"One?"\n"Two?"\n', 'q.jsonl')).toHaveLength(2)
  expect(questions('Prompt\nWhy\n\nHow?\n', 'q.csv')).toHaveLength(2)
  expect(questions('id;question\n7;Why, then?\n', 'q.csv')).toEqual([
    { id: '7', query: 'Why, then?' },
  ])
  expect(questions('id\tquestion\n7\tWhy, then?\n', 'q.tsv')).toHaveLength(1)
  expect(questions('[{"id": 7, "query": "Why?"}]')).toEqual([{ id: '7', query: 'Why?' }])
})

test.each<[name: string, text: string, file: string, ...errors: string[]]>([
  ['an empty file', ' \n', 'q.json', 'line 1: there are no questions'],
  ['an empty list', '[]', 'q.json', 'line 1: there are no questions'],
  ['only names', 'id,query\n', 'q.csv', 'line 1: there are no questions'],
  ['a comma at the end', '[\n  "One?",\n]', 'q.json', 'line 3, column 1: this is not valid JSON'],
  ['Chinese before the fault', '["问题" 1]', 'q.json', 'line 1, column 7: this is not valid JSON'],
  ['a cut list', '["One?', 'q.json', 'line 1, column 7: this is not valid JSON'],
  ['nesting without end', '['.repeat(5000), 'q.json', 'line 1, column 202: this is not valid JSON'],
  [
    'one JSON object over lines',
    '{\n"query": "x"}',
    'q.json',
    'line 1, column 2',
    'line 2, column 8',
  ],
  ['words in a JSON file', 'One?', 'q.jsonl', 'line 1, column 1: this is not valid JSON'],
  [
    'a list per line',
    '{"query": "a"}\n["b"]',
    'q.jsonl',
    'line 2, column 1: a list of questions is',
  ],
  [
    'a line of JSON',
    '{"query": "a"}\n{"query": }',
    'q.jsonl',
    'line 2, column 11: this is not valid',
  ],
  ['a number', '[\n "a", 3]', 'q.json', 'line 2, column 7: there is no question; give query,'],
  [
    'no question',
    '[{"id": "a", "sytem": "x"}]',
    'q.json',
    'line 1, column 2: there is no question',
  ],
  ['a blank question', '[{"query": " "}]', 'q.json', 'line 1, column 2: there is no question'],
  [
    'two',
    '[{"query": "a", "prompt": "b"}]',
    'q.json',
    'line 1, column 2: give only one of query, prompt',
  ],
  ['a list as id', '[{"id": [], "query": "b"}]', 'q.json', 'line 1, column 2: id: must be a text'],
  [
    'a list as system',
    '[{"system": [], "query": "b"}]',
    'q.json',
    'line 1, column 2: system: must be',
  ],
  ['a list as query', '[{"query": ["b"]}]', 'q.json', 'line 1, column 2: query: '],
  [
    'an unknown role',
    '["a",\n{"messages": [{"role": "user", "content": "x"}, {"role": "bot", "content": "x"}]}]',
    'q.json',
    'line 2, column 1: messages[1].role: ',
  ],
  [
    'no last word',
    '[{"messages": [{"role": "assistant", "content": "x"}]}]',
    'q.json',
    'line 1, column 2: messages: the last message must be from the user',
  ],
  [
    'an id twice',
    '["a",\n{"id": 1, "query": "b"}]',
    'q.json',
    'line 2, column 1: the id 1 was used in line 1',
  ],
  [
    'an id twice in CSV',
    'id,query\n7,"a\nb"\n\n8,c\n7,d\n',
    'q.csv',
    'line 6: the id 7 was used in line 2',
  ],
  ['no column', 'id,text\n1,a\n', 'q.csv', 'line 1: no column holds questions; name one query, '],
  [
    'a cell too many',
    'id,query\n1,Why, then?\n',
    'q.csv',
    'line 2: 3 cells where the first line names 2',
  ],
  [
    'a quotation without end',
    'id,query\n1,"Why?\n2,b\n',
    'q.csv',
    'line 2, column 3: a quotation mark',
  ],
  ['a quotation within', 'id,query\n1,a\n2,"b" c\n', 'q.csv', 'line 3, column 7: a quotation mark'],
  ['no messages', 'messages\n[oops]\n', 'q.csv', 'line 2: messages: must be a JSON list'],
])('%s is told with its place', (_, text, file, ...expected) => {
  const told = errors(text, file)
  expect(told).toHaveLength(expected.length)
  for (const [at, start] of expected.entries()) expect(told[at]?.slice(0, start.length)).toBe(start)
})

test('what is right is read beside what is wrong, and fields that nothing reads are named', () => {
  const file = readQuestions('[{"query": "a", "topic": 1}, {}, {"query": "b", "sytem": "x"}]')
  expect(file.questions.map(({ id }) => id)).toEqual(['1', '3'])
  expect(file.errors).toHaveLength(1)
  expect(file.unread).toEqual(['topic', 'sytem'])
})

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.constantFrom('a\n"b", c', '  ，问\t；', '{"', '['),
  )
  .map((value) => value.replaceAll(/\r\n?/g, '\n').trim())
  .filter((value) => value !== '')
const row = fc.record({ query: text, system: text }, { requiredKeys: ['query'] })
const rows = fc.array(row, { minLength: 1, maxLength: 8 })

test('every file that can be written is read as it was meant, in all formats', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.nat(4), (all, end, indent) => {
      const expected = all.map(({ query, system }, at) =>
        system === undefined
          ? { id: String(at + 1), query }
          : {
              id: String(at + 1),
              messages: [
                { role: 'system', content: system },
                { role: 'user', content: query },
              ],
            },
      )
      const list = JSON.stringify(all, null, indent).replaceAll('\n', end)
      expect(questions(list, 'q.json')).toEqual(expected)
      const lines = all.map((one) => JSON.stringify(one)).join(end)
      expect(questions(lines, 'q.jsonl')).toEqual(expected)
      const csv = Papa.unparse(
        { fields: ['query', 'system'], data: all },
        { newline: end, quotes: true },
      )
      expect(questions(csv, 'q.csv')).toEqual(expected)
    }),
  )
})

test('any text is read or refused, and a fault stands where JSON ends being JSON', () => {
  const rubbish = fc.oneof(fc.string({ unit: 'binary' }), fc.json())
  const names = fc.constantFrom('q.json', 'q.jsonl', 'q.csv', '')
  fc.assert(
    fc.property(rubbish, names, fc.nat(), (any, name, cut) => {
      const { questions: read, errors: wrong } = readQuestions(any.slice(0, cut), name)
      expect(read.length + wrong.length).toBeGreaterThan(0)
      for (const { line, column } of wrong) {
        expect(line).toBeGreaterThan(0)
        expect(column ?? 1).toBeGreaterThan(0)
      }
    }),
  )
})

test('a list is valid JSON here just when it is for JSON.parse', () => {
  const marks = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"a"',
    '1',
    '-',
    '0',
    '.5',
    'e3',
    'true',
    'nul',
    ' ',
    '\\',
    '"',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(marks, { maxLength: 12 }), (parts) => {
      const list = `[${parts.join('')}]`
      const valid = () => {
        try {
          JSON.parse(list)
          return true
        } catch {
          return false
        }
      }
      const refused = readQuestions(list).errors.some(({ fault }) => fault.kind === 'not_json')
      expect(refused).toBe(!valid())
    }),
    { numRuns: 2000 },
  )
})

test('CSV is read as papaparse reads it', () => {
  const marks = fc.constantFrom('a', '"', '""', ',', '\n', ' ', ';', '问', '"b",', '\n"c\n"')
  fc.assert(
    fc.property(fc.array(marks, { minLength: 1, maxLength: 16 }), (parts) => {
      const csv = `${parts.join('')}\n`
      const { data, errors } = Papa.parse<string[]>(csv, { delimiter: ',', newline: '\n' })
      const { rows, wrongAt } = readCsv(csv, ',')
      // A line break at the end begins no row here.
      expect(wrongAt === null ? rows.map(({ cells }) => cells) : null).toEqual(
        errors.length === 0 ? data.slice(0, -1) : null,
      )
    }),
    { numRuns: 2000 },
  )
})
