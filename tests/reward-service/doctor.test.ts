/** `tpo doctor reward`, as a person runs it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { cpu, type Target } from '../../inference/runtime/target.ts'
import { placeLine } from '../../reward-service/doctor/report.ts'
import { fixture } from '../inference/fixtures.ts'

async function doctor(...flags: string[]) {
  const args = ['clients/cli/tpo.ts', 'doctor', 'reward', ...flags]
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args)) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error) {
      const { code, stdout, stderr } = error
      return { code, stdout: String(stdout), stderr: String(stderr) }
    }
    throw error
  }
}

test('tells what the model is, what it could run on, and that it scores', async () => {
  const { code, stdout, stderr } = await doctor(
    '--reward-model',
    fixture('tiny-qwen3-bf16-sharded'),
    '--reward-devices',
    'cpu',
  )
  expect(stdout).toMatch(
    /^tiny-qwen3-bf16-sharded: Qwen3ForSequenceClassification, \d\.\d million weights in BF16, takes \d+ tokens\n {2}cpu +\d+ cores?, .* free: float32, \d+ MiB of weights: fits; the largest group has about [\d,]+ tokens/,
  )
  expect(stdout).toMatch(/\nCUDA: /)
  expect(stdout).toMatch(/scores on cpu in float32: ready in \d+\.\d s, then five answers/)
  expect([code, stderr]).toEqual([0, ''])
})

test('a ready-made graph, too', async () => {
  const { code, stdout } = await doctor('--reward-model', fixture('tiny-bert-onnx'))
  expect(stdout).toContain('BertForSequenceClassification, a ready-made graph')
  expect(stdout).toContain('scores on cpu')
  expect(code).toBe(0)
})

test('says why a device that is asked for cannot be used, and fails', async () => {
  const { code, stdout, stderr } = await doctor('--reward-devices', 'cuda:7')
  expect(stdout).toContain('Trying TPO_REWARD_DEVICES=cuda:7')
  expect(stderr).toMatch(/^tpo: .*(setup:cuda|cuda:7)/)
  expect(code).toBe(1)
})

describe('what fits', () => {
  const gpu: Target = { provider: 'cuda', deviceId: 1, type: 'BF16' }
  const gibibyte = 2 ** 30
  const place = (free: number) => ({
    target: gpu,
    label: 'NVIDIA H200',
    memory: { total: 140 * gibibyte, free: free * gibibyte },
  })
  const need = { weights: 15 * gibibyte, mapped: false, perToken: 2 ** 20 }

  test('leaves a tenth of the memory alone', () => {
    expect(placeLine(place(100), need)).toBe(
      '  cuda:1  NVIDIA H200, 100.0 GiB of 140.0 GiB free: bfloat16, 15.0 GiB of weights: fits; the largest group has about 76,800 tokens, its prompt counted once',
    )
  })

  test('points to vLLM where a model is too large', () => {
    expect(placeLine(place(16), need)).toMatch(/does not fit; .* vLLM .*TPO_REWARD_API=vllm/)
  })

  test('weights that are mapped take no memory of their own', () => {
    const line = placeLine({ ...place(10), target: cpu }, { ...need, mapped: true })
    expect(line).toMatch(/15\.0 GiB of weights, used where they lie: fits; .* 9,216 tokens/)
  })
})
