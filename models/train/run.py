"""Everything in one go: tokenizer, nano-reward, nano-policy, measurement, weights.

    python models/train/run.py --out models            (a GPU; about ten minutes on one H200)
    python models/train/run.py --out more --resume models ...   (continues from a saved pair, with its tokenizer)
    python models/train/run.py --out tiny --tiny     (a CPU; checks that every step works)
"""
import argparse
import itertools
import json
import os
import time
from pathlib import Path

import numpy as np
import torch

import tokens
from data import Shards, policy_shard, rows, shard
from evaluate import Bench, answer_of, grades, node, reward_accuracy, transcript
from fit import fit_policy, fit_reward
from model import Llama, Reward, config_of, load, policy_shape, reward_shape, save

AUX = 21
VOCABULARY = 3072
OUTSIDE = ['Thanks!', 'Should I invest in gold?', 'What is a comet?', 'help', 'good evening', 'Who was Cleopatra?']


def corpus(questions):
    seen = set()
    for row in rows('tokenizer', questions, 'train'):
        texts = [m['content'] for m in row['m']] + [row['a']] if row['t'] != 'reward' else [row['q'], *[c['a'] for c in row['c']]]
        for text in texts:
            if text not in seen:
                seen.add(text)
                yield text


def own_answers(bench, questions, size=6):
    """The policy's own answers, graded by the program: rows for the policy, groups for the reward model.

    The critique and the advice are the program's. The rewrite to learn is the policy's own best one
    by that advice, if it keeps every fact, and else a perfect message.
    """
    tasks = json.loads(node('own-tasks.ts', str(questions)))
    briefs = [task['brief'] for task in tasks]
    asked = [brief['question'] for brief in briefs]
    texts = [[text for text, _, _ in row] for row in bench.ask([[{'role': 'user', 'content': q}] for q in asked], 4, 0.7, 0.95, 256, 11)]
    values = iter(bench.score([(q, text) for q, row in zip(asked, texts) for text in row]))
    jobs = []
    for i, row in enumerate(texts):
        ranked = [text for _, text in sorted(((next(values), text) for text in row), reverse=True)]
        jobs.append((i, ranked[0], ranked[-1]))
        jobs.append((i, ranked[1], ranked[-1]))
    lines = '\n'.join(json.dumps({'brief': briefs[i], 'chosen': chosen, 'rejected': rejected}) for i, chosen, rejected in jobs)
    said = [json.loads(line) for line in node('own-lines.ts', text=lines + '\n').splitlines()]
    made = [[answer_of(text)[0] for text, _, _ in row] for row in bench.ask([line['update'] for line in said], 2, 0.7, 0.95, 300, 12)]
    found = iter(grades([(briefs[i], text) for (i, _, _), row in zip(jobs, made) for text in row]))
    pairs, rewrites, kept = [], {}, 0
    for (i, _, _), line, row in zip(jobs, said, made):
        pairs += [(line['loss']['m'], line['loss']['a']), (line['gradient']['m'], line['gradient']['a'])]
        graded = [(next(found), text) for text in row]
        rewrites.setdefault(i, []).append(row[0])
        good = [(g['score'], text) for g, text in graded if g['keeps'] and 'broken' not in g['traits']]
        kept += len(good) > 0
        pairs.append((line['update'], f"<answer>\n{max(good)[1] if good else tasks[i]['good']}\n</answer>"))
    groups = [[*row, *rewrites[i]][:size] for i, row in enumerate(texts)]
    found = iter(grades([(brief, text) for brief, group in zip(briefs, groups) for text in group]))
    flat, ends, scores, traits, words = [], [], [], [], []
    for q, group in zip(asked, groups):
        for text in group:
            g = next(found)
            flat += bench.chat.pair(q, text)
            ends.append(len(flat))
            scores.append(g['score'])
            traits.append(g['aux'])
            words.append(g['words'])
    reward = np.array(flat, dtype=np.uint16), np.array(ends, dtype=np.int64), np.array(scores, dtype=np.float32), np.array(traits, dtype=np.float32), np.array(words, dtype=np.int32)
    part = max(1, len(pairs) // 6)
    policy = [policy_shard(bench.chat, pairs[at:at + part]) for at in range(0, len(pairs), part)]
    print(f'own answers: {len(pairs)} rows, {kept} of {len(jobs)} rewrites kept every fact', flush=True)
    return policy, reward


def export(out, tokenizer, policy, reward, vocab):
    p = config_of(policy.shape)
    save(out / 'nano-policy', {'architectures': ['LlamaForCausalLM'], **p, 'tie_word_embeddings': True}, {f'model.{name}': t for name, t in policy.state_dict().items()})
    (out / 'nano-policy' / 'generation_config.json').write_text(json.dumps({'bos_token_id': 1, 'eos_token_id': 2, 'pad_token_id': 0, 'do_sample': True, 'temperature': 0.7, 'top_p': 0.95, 'max_new_tokens': 300}, indent=2) + '\n')
    r = config_of(reward.model.shape)
    save(out / 'nano-reward', {'architectures': ['LlamaForSequenceClassification'], **r, 'tie_word_embeddings': False, 'num_labels': 1, 'id2label': {'0': 'REWARD'}, 'label2id': {'REWARD': 0}},
         {**{f'model.{name}': t for name, t in reward.model.state_dict().items()}, 'score.weight': reward.score.weight})
    for name in ('nano-policy', 'nano-reward'):
        tokens.save(tokenizer, out / name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--tiny', action='store_true')
    parser.add_argument('--policy-steps', type=int, default=7950)
    parser.add_argument('--reward-steps', type=int, default=1450)
    parser.add_argument('--policy-seconds', type=float, default=1e9, help='a limit; the schedule then ends early')
    parser.add_argument('--reward-seconds', type=float, default=1e9)
    parser.add_argument('--own-questions', type=int, default=2800)
    parser.add_argument('--own-steps', type=int, default=1000, help='of the policy, on its own answers')
    parser.add_argument('--own-reward-steps', type=int, default=500)
    parser.add_argument('--until', type=float, default=1e9, help='seconds after which measuring should begin')
    parser.add_argument('--resume', type=Path, help='a folder with nano-policy and nano-reward to continue from')
    parser.add_argument('--held', type=Path, default=Path(__file__).resolve().parent.parent / 'held-out.json')
    parser.add_argument('--workers', type=int, default=max(1, (os.cpu_count() or 2) - 1))
    args = parser.parse_args()
    began = time.time()
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = True
    args.out.mkdir(parents=True, exist_ok=True)
    metrics: dict = {'device': torch.cuda.get_device_name() if device == 'cuda' else 'cpu', 'seconds': {}}

    def lap(name):
        metrics['seconds'][name] = round(time.time() - began, 1)
        print(f'== {name} at {time.time() - began:.0f}s', flush=True)
        (args.out / 'metrics.json').write_text(json.dumps(metrics, indent=2) + '\n')

    if args.resume:
        file = args.resume / 'nano-policy' / 'tokenizer.json'
        tokenizer = tokens.Tokenizer.from_file(str(file))
    else:
        tokenizer = tokens.train(corpus(300 if args.tiny else 5000), VOCABULARY)
        file = args.out / 'tokenizer.json'
        tokenizer.save(str(file))
    vocab = (tokenizer.get_vocab_size() + 63) // 64 * 64
    chat = tokens.Chat(tokenizer)
    lap('tokenizer')

    replay = []
    shards = Shards(str(file), 60 if args.tiny else 800, args.workers)
    measured = shards.pool.submit(shard, str(file), 'measure', 60 if args.tiny else 1500, 'held', 'reward')
    small = dict(budget=8192, per=1) if args.tiny else {}

    reward, policy = Reward(reward_shape(vocab), AUX), Llama(policy_shape(vocab))
    speed = {}
    if args.resume:
        speed = {'lr': 7e-4, 'muon': 0.007}
        policy = load(args.resume / 'nano-policy', 'cpu')
        reward = load(args.resume / 'nano-reward', 'cpu')
        reward.aux = torch.nn.Linear(reward.model.shape.hidden, AUX)
    reward, policy = reward.to(device), policy.to(device)

    def fresh():
        made = shards.reward()
        if len(replay) < 24:
            replay.append(made)
        return made

    loop = fit_reward(reward, fresh, 12 if args.tiny else args.reward_steps, args.reward_seconds, device, **speed, **small)
    metrics['reward_training'] = {'steps': loop.step, 'tokens': loop.tokens, 'loss': loop.log}
    held_shard = measured.result()[1]
    metrics['reward'] = {'parameters': sum(p.numel() for p in reward.model.parameters()) + reward.score.weight.numel(), 'held_out': reward_accuracy(reward, held_shard, device)}
    print(metrics['reward'], flush=True)
    lap('reward')

    loop = fit_policy(policy, shards.policy, 12 if args.tiny else args.policy_steps, args.policy_seconds, device, **speed, **small)
    metrics['policy_training'] = {'steps': loop.step, 'tokens': loop.tokens, 'loss': loop.log}
    metrics['policy'] = {'parameters': sum(p.numel() for p in policy.parameters())}
    lap('policy')

    bench = Bench(policy, reward, chat, device)
    export(args.out, tokenizer, policy, reward, vocab)
    # Second stage: both models also learn from what this policy really writes, judged by the program.
    own_rows, own = own_answers(bench, 6 if args.tiny else args.own_questions)
    lap('own answers')
    turn = itertools.count()

    def mixed_rows():
        n = next(turn)
        return own_rows[n // 2 % len(own_rows)] if n % 2 == 0 else shards.policy()

    left = max(10.0, args.until - (time.time() - began) - 14)
    loop = fit_policy(policy, mixed_rows, 2 if args.tiny else args.own_steps, left, device, lr=3e-4, muon=0.003, name='policy, second stage', **small)
    metrics['policy_second_stage'] = {'steps': loop.step, 'tokens': loop.tokens, 'loss': loop.log}
    shards.close()
    export(args.out, tokenizer, policy, reward, vocab)
    lap('policy, second stage')

    def mixed():
        n = next(turn)
        return own if n % 3 == 0 else replay[n % len(replay)]

    loop = fit_reward(reward, mixed, 2 if args.tiny else args.own_reward_steps, 14, device, lr=4e-4, muon=0.004, name='reward, second stage', **small)
    metrics['reward_second_stage'] = {'steps': loop.step, 'tokens': loop.tokens}
    metrics['reward']['held_out'] = reward_accuracy(reward, held_shard, device)
    print(metrics['reward'], flush=True)
    lap('second stage')

    export(args.out, tokenizer, policy, reward, vocab)
    lap('export')
    held = json.loads(args.held.read_text())
    if args.tiny:
        held = {'questions': held['questions'][:4], 'outside': held['outside'][:2]}
    metrics['loop'], runs, outside = bench.measure(held)
    (args.out / 'transcripts.txt').write_text(transcript(runs, outside, held['questions'], 40))
    if not args.resume:
        file.unlink()
    lap('measured')
    free = [task['brief'] for task in json.loads(node('own-tasks.ts', '4' if args.tiny else '80', 'free wording', 'held', '1'))]
    metrics['loop_free_wording'], runs, outside = bench.measure({'questions': free, 'outside': OUTSIDE})
    (args.out / 'transcripts-free.txt').write_text(transcript(runs, outside, free, 40))
    lap('measured, free wording')
    print(json.dumps({k: v for k, v in metrics.items() if not k.endswith('training')}, indent=1), flush=True)


if __name__ == '__main__':
    main()
