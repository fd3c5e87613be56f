/** Model folders as people have them: broken, linked, changed. */
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readChatText } from '../../inference/text/chat-text.ts'
import { InferenceError } from '../../inference/errors.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { loadPolicy } from '../../inference/generation/policy.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import { classifierAt, fixture, logitsOf, withCopy } from './fixtures.ts'
import {
  editHeader,
  editJson,
  entryOf,
  type Header,
  readParts,
  safetensors,
} from './model-files.ts'

/** Puts another header, whatever it says, before the weights. */
async function replaceHeader(
  path: string,
  change: (text: string) => string | Buffer,
): Promise<void> {
  const file = join(path, weights)
  const { text, data } = await readParts(file)
  await writeFile(file, safetensors(change(text), data))
}

const editConfig = (path: string, field: string, value: unknown) =>
  editJson(join(path, 'config.json'), (config) => (config[field] = value))

const classifier = 'tiny-reward-fp32'
const sharded = 'tiny-policy-fp16-tied'
const graph = 'tiny-bert-onnx'
const weights = 'model.safetensors'
const query = 'model.layers.1.self_attn.q_proj.weight'

/** Writes another name of the same length everywhere into a file. */
async function renameIn(file: string, from: string, to: string): Promise<void> {
  const bytes = await readFile(file)
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from)) bytes.write(to, at)
  await writeFile(file, bytes)
}

test.each<[string, string, (path: string) => Promise<unknown>, RegExp]>([
  ['no folder', classifier, (path) => rm(path, { recursive: true }), /there is no model folder at/],
  ['no config', classifier, (path) => rm(join(path, 'config.json')), /has no config\.json/],
  [
    'a config that is not JSON',
    classifier,
    (path) => writeFile(join(path, 'config.json'), '{'),
    /config\.json is not valid JSON/,
  ],
  [
    'another architecture',
    classifier,
    (path) =>
      editJson(join(path, 'config.json'), (c) => (c['architectures'] = ['MambaForCausalLM'])),
    /MambaForCausalLM is not supported; supported are .*LlamaForCausalLM/,
  ],
  [
    'a class that is none of ours, whatever its name',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['architectures'] = ['toString'])),
    /toString is not supported; supported are LlamaForSequenceClassification, Mistral.*, Qwen2.*, Qwen3.*, Gemma2.*, Gemma3Text/,
  ],
  [
    'a head size that ONNX Runtime cannot turn',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['head_dim'] = 24)),
    /of size 24; supported are head sizes that are multiples of 16/,
  ],
  [
    'attention that looks ahead',
    'tiny-gemma2-bf16',
    (path) => editJson(join(path, 'config.json'), (c) => (c['use_bidirectional_attention'] = true)),
    /use_bidirectional_attention/,
  ],
  [
    'a layer of a kind of its own',
    'tiny-qwen2-bf16',
    (path) =>
      editJson(join(path, 'config.json'), (c) => (c['layer_types'] = ['chunked_attention'])),
    /layer_types\.0/,
  ],
  [
    'another activation',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['hidden_act'] = 'gelu')),
    /config\.json has hidden_act that this runtime does not take/,
  ],
  [
    'another kind of rotary scaling',
    classifier,
    (path) =>
      editJson(
        join(path, 'config.json'),
        (c) => (c['rope_parameters'] = { rope_type: 'longrope' }),
      ),
    /rope_parameters\.rope_type .*supported are default, linear, llama3 and yarn/,
  ],
  [
    'heads that do not divide',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['num_key_value_heads'] = 3)),
    /4 heads over 3 key-value heads/,
  ],
  [
    'a config of another size',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['intermediate_size'] = 64)),
    /gate_proj\.weight has the shape \[48, 32\], config\.json calls for \[64, 32\]/,
  ],
  [
    'a config with more layers',
    classifier,
    (path) => editJson(join(path, 'config.json'), (c) => (c['num_hidden_layers'] = 3)),
    /no tensor model\.layers\.2\./,
  ],
  ['no tokenizer', classifier, (path) => rm(join(path, 'tokenizer.json')), /no tokenizer\.json/],
  [
    'a broken tokenizer',
    classifier,
    (path) => writeFile(join(path, 'tokenizer.json'), '{"model": {"type": "Abacus"}}'),
    /tokenizer\.json is of a kind/,
  ],
  [
    'no chat template',
    classifier,
    (path) => rm(join(path, 'chat_template.jinja')),
    /has no chat template/,
  ],
  [
    'a chat template that cannot be read',
    classifier,
    (path) => writeFile(join(path, 'chat_template.jinja'), '{% for %}'),
    /the chat template cannot be read/,
  ],
  ['no weights', classifier, (path) => rm(join(path, weights)), /no model\.safetensors/],
  [
    'weights cut off',
    classifier,
    (path) => truncate(join(path, weights), 100_000),
    /model\.safetensors is damaged: the header describes \d+ bytes, the file has 100000/,
  ],
  [
    'weights cut off inside the header',
    classifier,
    (path) => truncate(join(path, weights), 500),
    /its header claims \d+ bytes of 500/,
  ],
  ['empty weights', classifier, (path) => truncate(join(path, weights), 3), /it has only 3 bytes/],
  [
    'weights that are no safetensors',
    classifier,
    (path) => writeFile(join(path, weights), Buffer.concat([Buffer.of(4, 0, 0, 0, 0, 0, 0, 0, 1)])),
    /is damaged: its header/,
  ],
  [
    'a header that points behind the end',
    classifier,
    (path) =>
      editHeader(join(path, weights), (header) => {
        entryOf(header, query).data_offsets[1] += 1e9
      }),
    /place for model\.layers\.1\.self_attn\.q_proj\.weight does not fit/,
  ],
  [
    'a header whose shape is not its size',
    classifier,
    (path) =>
      editHeader(join(path, weights), (header) => {
        entryOf(header, query).shape = [1, 1]
      }),
    /does not fit its shape/,
  ],
  [
    'a header where two tensors share bytes',
    classifier,
    (path) =>
      editHeader(join(path, weights), (header) => {
        header[query] = structuredClone(entryOf(header, 'score.weight'))
      }),
    /is damaged/,
  ],
  [
    'a type this runtime does not read',
    'tiny-reward-fp16-pad-is-eos',
    (path) =>
      editHeader(join(path, weights), (header) => {
        entryOf(header, query).dtype = 'I16'
      }),
    /is stored as I16; supported are F32, F16 and BF16/,
  ],
  [
    'a shard that is missing',
    sharded,
    (path) => rm(join(path, 'model-00002-of-00003.safetensors')),
    /model-00002-of-00003\.safetensors is missing/,
  ],
  [
    'an index that points elsewhere',
    sharded,
    (path) =>
      editJson(join(path, 'model.safetensors.index.json'), (index) => {
        index['weight_map'] = { a: '../../secrets.safetensors' }
      }),
    /names "\.\.\/\.\.\/secrets\.safetensors", which is no file of weights in its folder/,
  ],
  [
    'an index that names a tensor in the wrong shard',
    sharded,
    (path) =>
      editJson(join(path, 'model.safetensors.index.json'), (index) => {
        const places = index['weight_map']
        if (typeof places !== 'object') throw new Error('the fixture has another index')
        index['weight_map'] = { ...places, [query]: 'model-00003-of-00003.safetensors' }
      }),
    /index\.json places model\.layers\.1\.self_attn\.q_proj\.weight in model-00003-of-00003\.safetensors, which has none such/,
  ],
  [
    'an index that names the folder itself',
    sharded,
    (path) =>
      editJson(join(path, 'model.safetensors.index.json'), (index) => {
        index['weight_map'] = { a: '..' }
      }),
    /names "\.\.", which is no file of weights/,
  ],
  [
    'an index of another form',
    sharded,
    (path) => writeFile(join(path, 'model.safetensors.index.json'), '[1]'),
    /it has no weight_map/,
  ],
  [
    'a folder in place of the weights',
    classifier,
    async (path) => {
      await rm(join(path, weights))
      await mkdir(join(path, weights))
    },
    /model\.safetensors cannot be read/,
  ],
  [
    'a header longer than the file',
    classifier,
    (path) => writeFile(join(path, weights), Buffer.alloc(64, 255)),
    /its header claims 18446744073709551615 bytes of 64/,
  ],
  [
    'a header of nothing',
    classifier,
    (path) => replaceHeader(path, () => ''),
    /its header cannot be read/,
  ],
  [
    'a header that is not UTF-8',
    classifier,
    (path) =>
      replaceHeader(path, (text) => Buffer.from(text.replace('score', '\xFFcore'), 'latin1')),
    /its header cannot be read/,
  ],
  [
    'a header with a mark of byte order',
    classifier,
    (path) => replaceHeader(path, (text) => `\uFEFF${text}`),
    /its header cannot be read/,
  ],
  [
    'a header of brackets',
    classifier,
    (path) => replaceHeader(path, () => '['.repeat(1_000_000)),
    /its header cannot be read/,
  ],
  [
    'a header with one name for two tensors',
    classifier,
    (path) =>
      replaceHeader(path, (text) =>
        text.replace('layers.1.self_attn.q_proj', 'layers.0.self_attn.q_proj'),
      ),
    /is damaged/,
  ],
  [
    'a header with a name of JavaScript',
    classifier,
    (path) => replaceHeader(path, (text) => text.replace(query, '__proto__')),
    /is damaged|no tensor model\.layers\.1\.self_attn\.q_proj/,
  ],
  ...[-4, 0.5, 1e300, '0', null].map(
    (from): [string, string, (path: string) => Promise<unknown>, RegExp] => [
      `a header where a tensor begins at ${JSON.stringify(from)}`,
      classifier,
      (path) =>
        replaceHeader(path, (text) => {
          const header: Record<string, object> = JSON.parse(text)
          return JSON.stringify({
            ...header,
            [query]: { ...header[query], data_offsets: [from, 4] },
          })
        }),
      /its header cannot be read/,
    ],
  ),
  [
    'a header with a gap',
    classifier,
    (path) =>
      editHeader(join(path, weights), (header) => {
        delete header[query]
      }),
    /does not fit its shape or its neighbours/,
  ],
  [
    'bytes behind the last tensor',
    classifier,
    async (path) => {
      const file = join(path, weights)
      await writeFile(file, Buffer.concat([await readFile(file), Buffer.alloc(7)]))
    },
    /the header describes \d+ bytes, the file has \d+/,
  ],
  [
    'a head of other width than the states',
    classifier,
    (path) =>
      editHeader(join(path, weights), (header) => {
        entryOf(header, 'score.weight').shape = [2, 16]
      }),
    /score\.weight has the shape \[2, 16\], config\.json calls for \[any, 32\]/,
  ],
  [
    'no layers',
    classifier,
    (path) => editConfig(path, 'num_hidden_layers', 0),
    /num_hidden_layers/,
  ],
  [
    'more layers than memory',
    classifier,
    (path) => editConfig(path, 'num_hidden_layers', 1e9),
    /num_hidden_layers that this runtime does not take/,
  ],
  [
    '1e308 heads',
    classifier,
    (path) => editConfig(path, 'num_attention_heads', 1e308),
    /num_attention_heads that this runtime does not take/,
  ],
  [
    'heads in words',
    classifier,
    (path) => editConfig(path, 'num_attention_heads', 'four'),
    /num_attention_heads that this runtime does not take/,
  ],
  [
    'a head size that is a fraction',
    classifier,
    async (path) => {
      await editConfig(path, 'head_dim', null)
      await editConfig(path, 'num_attention_heads', 3)
    },
    /3 heads over 2 key-value heads of size 10\.6/,
  ],
  [
    'a size below nothing',
    classifier,
    (path) => editConfig(path, 'hidden_size', -32),
    /hidden_size that this runtime does not take/,
  ],
  [
    'an infinite number',
    classifier,
    async (path) => {
      const file = join(path, 'config.json')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/"rms_norm_eps": [^,]+/, '"rms_norm_eps": 1e999'))
    },
    /rms_norm_eps that this runtime does not take/,
  ],
  [
    'NaN, which is no JSON',
    classifier,
    async (path) => {
      const file = join(path, 'config.json')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/"rms_norm_eps": [^,]+/, '"rms_norm_eps": NaN'))
    },
    /config\.json is not valid JSON/,
  ],
  [
    'a config that is a list',
    classifier,
    (path) => writeFile(join(path, 'config.json'), '[]'),
    /the architecture one that is not named is not supported/,
  ],
  [
    'kinds of fewer layers than there are',
    'tiny-qwen2-bf16',
    (path) => editConfig(path, 'layer_types', ['full_attention']),
    /has 1 layer_types for \d+ layers/,
  ],
  [
    'a tokenizer that falls apart when it is used',
    classifier,
    (path) =>
      editJson(join(path, 'tokenizer.json'), (tokenizer) => {
        tokenizer['post_processor'] = { type: 'TemplateProcessing', single: [1], pair: [1] }
      }),
    /tokenizer\.json is of a kind/,
  ],
  [
    'a tokenizer cut off',
    classifier,
    (path) => truncate(join(path, 'tokenizer.json'), 1000),
    /tokenizer\.json is not valid JSON/,
  ],
  [
    'a model of the other kind',
    'tiny-policy-fp32',
    async () => {},
    /holds a causal model without a value head .* needed is a reward model: LlamaForSeq/,
  ],
  [
    'a value head on a decoder of a kind of its own',
    'tiny-value-openrlhf-bf16',
    (path) => editJson(join(path, 'config.json'), (c) => (c['model_type'] = 'mamba')),
    /a decoder of model_type mamba is not supported; supported are llama, mistral/,
  ],
  [
    'a gate of other layers',
    'tiny-armorm-bf16',
    (path) => editJson(join(path, 'config.json'), (c) => (c['gating_n_hidden'] = 3)),
    /no tensor gating\.layers\.3\.weight/,
  ],
  [
    'a policy as a ready-made graph',
    sharded,
    async (path) => {
      for (const file of await readdir(path)) {
        if (file.includes('safetensors')) await rm(join(path, file))
      }
      await writeFile(join(path, 'model.onnx'), '')
    },
    /has no model\.safetensors, which a policy is loaded from/,
  ],
  [
    'a graph that classifies no sequences',
    graph,
    (path) =>
      editJson(join(path, 'config.json'), (c) => (c['architectures'] = ['BertForMaskedLM'])),
    /a ready-made graph of the architecture BertForMaskedLM is not supported; .*ForSequenceClassification with a model\.onnx/,
  ],
  [
    'a graph that is none',
    graph,
    (path) => writeFile(join(path, 'model.onnx'), 'no graph'),
    /cannot be loaded: /,
  ],
  [
    'a graph without its weights',
    'tiny-roberta-onnx',
    (path) => rm(join(path, 'onnx', 'model.onnx_data')),
    /cannot be loaded: .*model\.onnx_data/,
  ],
  [
    'a graph with an input that nobody gives',
    graph,
    (path) => renameIn(join(path, 'model.onnx'), 'token_type_ids', 'token_kind_ids'),
    /its graph has an input token_kind_ids; known are input_ids, attention_mask, token_type_ids/,
  ],
  [
    'pairs of texts written in a way of its own',
    graph,
    (path) =>
      editJson(join(path, 'tokenizer.json'), (c) => (c['post_processor'] = { type: 'Abacus' })),
    /tokenizer\.json writes pairs of texts in a way that this runtime does not know/,
  ],
])('%s: one line that says so', async (_, name, break_, message) => {
  const load = name === sharded ? loadPolicy : loadReward
  const error = await withCopy(name, async (path) => {
    await break_(path)
    return load(path).catch((error: unknown) => error)
  })
  expect(error).toBeInstanceOf(InferenceError)
  expect(error).toMatchObject({ fault: 'model', message: expect.stringMatching(message) })
  expect(error).toMatchObject({ message: expect.not.stringContaining('\n') })
})

test('a tokenizer that knows more tokens than the model says which', async () => {
  await withCopy(classifier, async (path) => {
    await editJson(join(path, 'tokenizer.json'), (tokenizer) => {
      const added = tokenizer['added_tokens']
      if (!Array.isArray(added)) throw new Error('the fixture has no added tokens')
      for (const token of added) token.id += 1000
    })
    await expect(loadRewardModel(path, { pooling: 'hf', threads: 1 })).rejects.toMatchObject({
      name: 'InferenceError',
      fault: 'model',
      message: expect.stringMatching(
        /^there is no token 1\d\d\d \(position 0\); the ids of tiny-reward-fp32 end at 383$/,
      ),
    })
  })
})

test('a tensor without a value stands anywhere', async () => {
  const loaded = await withCopy(classifier, async (path) => {
    await editHeader(join(path, weights), (header) => {
      const [begin] = entryOf(header, query).data_offsets
      header['of no size'] = { dtype: 'F32', shape: [0], data_offsets: [begin, begin] }
    })
    return logitOf(path)
  })
  expect(loaded).toBe(await logitOf(fixture(classifier)))
})

const ids = Int32Array.from({ length: 20 }, (_, place) => 5 + place * 3)

async function loadReward(path: string): Promise<unknown> {
  const folder = await readModelFolder(path)
  if (folder.graph === null) readChatText(folder)
  return classifierAt(path)
}

async function logitOf(path: string): Promise<number | undefined> {
  const model = await classifierAt(path)
  const [logits] = await logitsOf(model, [{ ids, position: ids.length - 1 }])
  await model.close()
  return logits?.[0]
}

test('one changed weight changes the score', async () => {
  const before = await logitOf(fixture(classifier))
  const after = await withCopy(classifier, async (path) => {
    const file = join(path, weights)
    const bytes = await readFile(file)
    const header = 8 + Number(bytes.readBigUInt64LE())
    const parsed: Header = JSON.parse(bytes.toString('utf8', 8, header))
    bytes.writeFloatLE(3, header + entryOf(parsed, query).data_offsets[0])
    await writeFile(file, bytes)
    return logitOf(path)
  })
  expect(await logitOf(fixture(classifier))).toBe(before)
  expect(after).not.toBe(before)
})

test('a Hugging Face cache, whose files are links to blobs elsewhere', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'tpo-cache-'))
  const scored = await withCopy(classifier, async (path) => {
    const snapshot = join(cache, 'snapshots', 'main')
    await mkdir(join(cache, 'blobs'))
    await mkdir(snapshot, { recursive: true })
    for (const [place, file] of (await readdir(path)).entries()) {
      await rename(join(path, file), join(cache, 'blobs', `blob${place}`))
      await symlink(`../../blobs/blob${place}`, join(snapshot, file))
    }
    return logitOf(snapshot)
  })
  await rm(cache, { recursive: true })
  expect(scored).toBe(await logitOf(fixture(classifier)))
})
