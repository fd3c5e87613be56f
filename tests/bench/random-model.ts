/** A folder with a classifier of a given shape and random fp32 weights. */
import { copyFile, mkdtemp, open, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixture } from '../inference/fixtures.ts'

/** The layers of Qwen3-0.6B, fewer of them and without its 152k words, to fit a small machine. */
const shape = {
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 8,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 8192,
}
export const shapeName = `Qwen3-0.6B with ${shape.num_hidden_layers} of its 28 layers, random fp32`

export interface RandomModel {
  path: string
  fileBytes: number
}

export async function makeRandomModel(): Promise<RandomModel> {
  const path = await mkdtemp(join(tmpdir(), 'tpo-bench-'))
  const source = fixture('tiny-qwen3-fp32-bias')
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']) {
    await copyFile(join(source, name), join(path, name))
  }
  const config = {
    ...shape,
    architectures: ['Qwen3ForSequenceClassification'],
    model_type: 'qwen3',
    attention_bias: false,
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    max_position_embeddings: 40_960,
    tie_word_embeddings: false,
    use_sliding_window: false,
    pad_token_id: 0,
    num_labels: 1,
    id2label: { 0: 'LABEL_0' },
    dtype: 'float32',
  }
  await writeFile(join(path, 'config.json'), JSON.stringify(config))
  return { path, fileBytes: await writeWeights(join(path, 'model.safetensors')) }
}

function tensors(): [string, number[]][] {
  const { hidden_size: hidden, intermediate_size: wide, head_dim: head } = shape
  const [queries, keys] = [shape.num_attention_heads * head, shape.num_key_value_heads * head]
  const layers = Array.from({ length: shape.num_hidden_layers }, (_, layer) =>
    Object.entries({
      'input_layernorm.weight': [hidden],
      'self_attn.q_proj.weight': [queries, hidden],
      'self_attn.k_proj.weight': [keys, hidden],
      'self_attn.v_proj.weight': [keys, hidden],
      'self_attn.o_proj.weight': [hidden, queries],
      'self_attn.q_norm.weight': [head],
      'self_attn.k_norm.weight': [head],
      'post_attention_layernorm.weight': [hidden],
      'mlp.gate_proj.weight': [wide, hidden],
      'mlp.up_proj.weight': [wide, hidden],
      'mlp.down_proj.weight': [hidden, wide],
    }).map(([name, size]): [string, number[]] => [`model.layers.${layer}.${name}`, size]),
  )
  return [
    ['model.embed_tokens.weight', [shape.vocab_size, hidden]],
    ...layers.flat(),
    ['model.norm.weight', [hidden]],
    ['score.weight', [1, hidden]],
  ]
}

/** The same million of random numbers again and again: no product is faster or slower for that. */
async function writeWeights(file: string): Promise<number> {
  const noise = Float32Array.from({ length: 1 << 20 }, () => (Math.random() - 0.5) * 0.07)
  const header: Record<string, object> = {}
  let end = 0
  for (const [name, size] of tensors()) {
    const bytes = 4 * size.reduce((a, b) => a * b, 1)
    header[name] = { dtype: 'F32', shape: size, data_offsets: [end, (end += bytes)] }
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const handle = await open(file, 'w')
  await handle.write(length)
  await handle.write(json)
  for (let left = end; left > 0; left -= noise.byteLength) {
    await handle.write(new Uint8Array(noise.buffer, 0, Math.min(left, noise.byteLength)))
  }
  await handle.close()
  return 8 + json.length + end
}
