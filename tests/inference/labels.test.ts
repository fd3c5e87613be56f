/** Which of a classifier's logits is the reward. */
import { expect, test } from 'vitest'
import { InferenceError } from '../../inference/errors.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { readLabelRule } from '../../inference/model/labels.ts'
import { fixture } from './fixtures.ts'

const folder = await readModelFolder(fixture('tiny-labels-fp32'))
const named = (...labels: string[]) => ({
  ...folder,
  config: { id2label: Object.fromEntries(labels.entries()) },
})
const logits = Float32Array.of(1, 4, 16)

test.each<[string[], string | undefined, string, number]>([
  [['good'], undefined, 'good', 1],
  [['good'], 'good', 'good', 1],
  [['bad', 'good'], 'good', 'good', 4],
  [['bad', 'good'], '0', 'bad', 1],
  [['bad', 'good'], 'good-bad', 'good-bad', 3],
  [['bad', 'good'], '1-0', 'good-bad', 3],
  // A name beats an index, and the longest name what it could be read as otherwise.
  [['1', '0'], '1', '1', 1],
  [['a', 'b', 'a-b'], 'a-b', 'a-b', 16],
  [['a-b', 'c', 'a'], 'a-b-c', 'a-b-c', -3],
])('of %j, %s is %s', (labels, asked, label, reward) => {
  const rule = readLabelRule(named(...labels), labels.length, asked)
  expect(rule.label).toBe(label)
  expect(rule.reward(logits)).toBe(reward)
})

test('names that config.json leaves out are those of transformers', () => {
  expect(readLabelRule(named(), 2, 'LABEL_1').reward(logits)).toBe(4)
})

test.each<[string[], string | undefined, RegExp]>([
  [
    ['bad', 'good'],
    undefined,
    /is a classifier with 2 labels \(0 bad, 1 good\)\. Choose in TPO_REWARD_LABEL whose logit is the reward: a name or an index, or a difference such as good-bad$/,
  ],
  [['bad', 'good'], 'better', /has no label better; it has 0 bad, 1 good\. Choose in TPO_REW/],
  [['bad', 'good'], 'good-2', /has no label good-2; it has 0 bad, 1 good\./],
  [['good'], '1', /has no label 1; it has 0 good\. Choose .* a name or an index$/],
])('of %j, %s is refused', (labels, asked, message) => {
  expect(() => readLabelRule(named(...labels), labels.length, asked)).toThrow(
    expect.objectContaining({ fault: 'model', message: expect.stringMatching(message) }),
  )
  expect(() => readLabelRule(named(...labels), labels.length, asked)).toThrow(InferenceError)
})
