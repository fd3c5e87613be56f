"""The two training loops."""
import math
import time

import numpy as np
import torch
import torch.nn.functional as F

from model import PAD
from muon import Muon


def optimizers_of(model, lr, muon, device):
    """Muon for the matrices inside the layers, AdamW for embeddings, heads and norms."""
    inner = [p for name, p in model.named_parameters() if 'layers.' in name and p.dim() == 2] if muon else []
    known = {id(p) for p in inner}
    rest = [p for p in model.parameters() if id(p) not in known]
    wide, thin = [p for p in rest if p.dim() >= 2], [p for p in rest if p.dim() < 2]
    adam = torch.optim.AdamW([{'params': wide, 'weight_decay': 0.01 if muon else 0.1}, {'params': thin, 'weight_decay': 0.0}], lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=device == 'cuda')
    out = [(adam, lr)]
    if muon:
        out.append((Muon(inner, lr=muon), muon))
    return out


def rate(progress, warm=0.04):
    """Warm up, then a cosine down to 2 %."""
    return min(progress / warm, 1.0) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


class Loop:
    """Steps with a schedule; a clock that runs out ends the schedule early but in order."""

    def __init__(self, model, lr, muon, steps, seconds, device, name):
        self.model, self.steps, self.seconds, self.device, self.name = model, steps, seconds, device, name
        self.optimizers = optimizers_of(model, lr, muon, device)
        self.began = time.time()
        self.step = 0
        self.log = []
        self.tokens = 0

    def going(self):
        return self.progress() < 1.0

    def progress(self):
        return max(self.step / self.steps, (time.time() - self.began) / self.seconds)

    def update(self, loss, tokens, note=''):
        now = rate(self.progress() + 1e-4)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, lr in self.optimizers:
            for group in optimizer.param_groups:
                group['lr'] = lr * now
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += tokens
        if self.step % 100 == 1:
            value = float(loss.detach())
            self.log.append((self.step, round(value, 4)))
            spent = time.time() - self.began
            print(f'{self.name} step {self.step} loss {value:.4f} {note} {spent:.0f}s {self.tokens / max(spent, 1e-6) / 1e6:.2f}M tok/s', flush=True)


def compile_layers(model, device):
    """One layer is compiled once for all shapes and serves all layers; that costs seconds, a whole model costs minutes."""
    if device == 'cuda':
        for layer in model.layers:
            if layer._compiled_call_impl is None:
                layer.compile(dynamic=True)


def padded(rows, wide):
    out = np.full((len(rows), wide), PAD, dtype=np.int64)
    for i, row in enumerate(rows):
        out[i, :len(row)] = row
    return out


def policy_batches(shards, budget, rng):
    """Batches of rows of like length, with two lists of places to learn from: the answers, and the messages quoted in the prompts."""
    flat_rows = []
    for flat, ends, starts, quotes in shards:
        begin = 0
        for end, start, quote in zip(ends.tolist(), starts.tolist(), quotes.tolist()):
            flat_rows.append((flat[begin:end].astype(np.int64), start, quote))
            begin = end
    rng.shuffle(flat_rows)
    flat_rows.sort(key=lambda row: (len(row[0]) + 31) // 32)
    batches, now = [], []
    for row in flat_rows:
        wide = (len(row[0]) + 31) // 32 * 32
        if now and wide * (len(now) + 1) > budget:
            batches.append(now)
            now = []
        now.append(row)
    if now:
        batches.append(now)
    rng.shuffle(batches)
    for batch in batches:
        wide = (max(len(row[0]) for row in batch) + 31) // 32 * 32
        tokens = padded([row[0] for row in batch], wide)
        own, quoted = [], []
        for i, (row, start, quote) in enumerate(batch):
            own.append(np.arange(i * wide + start - 1, i * wide + len(row) - 1))
            if quote < start:
                # Every second token is enough here, and cheaper.
                quoted.append(np.arange(i * wide + quote + int(rng.integers(2)), i * wide + start - 1, 2))
        own = np.concatenate(own)
        quoted = np.concatenate(quoted) if quoted else own[:0]
        next_token = np.roll(tokens.reshape(-1), -1)
        yield tokens, own, next_token[own], quoted, next_token[quoted]


def to_device(array, device):
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device == 'cuda' else tensor


def fit_policy(model, take, steps, seconds, device, lr=2e-3, muon=0.02, budget=65536, per=4, name='policy', quoted_weight=0.3):
    loop = Loop(model, lr, muon, steps, seconds, device, name)
    compile_layers(model, device)
    rng = np.random.default_rng(1)
    model.train()
    while loop.going():
        for tokens, own, target, quoted, quoted_target in policy_batches([take() for _ in range(per)], budget, rng):
            if not loop.going():
                break
            with torch.autocast(device, torch.bfloat16, enabled=device == 'cuda'):
                hidden = model(to_device(tokens, device)).flatten(0, 1)
                logits = model.logits(hidden[to_device(own, device)])
                loss = F.cross_entropy(logits.float(), to_device(target, device))
                total = loss
                if len(quoted) > 0:
                    # Messages quoted in a prompt repeat the facts of the request: predicting them teaches copying.
                    logits = model.logits(hidden[to_device(quoted, device)])
                    total = loss + quoted_weight * F.cross_entropy(logits.float(), to_device(quoted_target, device))
            loop.update(total, tokens.size, f'answers {float(loss.detach()):.4f}' if loop.step % 100 == 0 else '')
    model.eval()
    return loop


def reward_batches(shards, size, budget, rng):
    groups = []
    for flat, ends, scores, traits, _ in shards:
        begins = np.concatenate([[0], ends[:-1]])
        for g in range(0, len(ends), size):
            groups.append(([flat[begins[i]:ends[i]].astype(np.int64) for i in range(g, g + size)], scores[g:g + size], traits[g:g + size]))
    groups.sort(key=lambda group: max(map(len, group[0])))
    batches, now = [], []
    for group in groups:
        wide = (max(map(len, group[0])) + 31) // 32 * 32
        if now and wide * size * (len(now) + 1) > budget:
            batches.append(now)
            now = []
        now.append(group)
    if now:
        batches.append(now)
    rng.shuffle(batches)
    for batch in batches:
        rows = [row for group in batch for row in group[0]]
        wide = (max(map(len, rows)) + 31) // 32 * 32
        yield padded(rows, wide), np.array([len(row) for row in rows]), np.concatenate([g[1] for g in batch]), np.concatenate([g[2] for g in batch])


def pair_loss(reward, score, size, sharp=1.5):
    """Bradley-Terry over all pairs of a group; how sure the label is follows the distance in quality."""
    r, s = reward.view(-1, size), score.view(-1, size)
    dr, ds = r[:, :, None] - r[:, None, :], s[:, :, None] - s[:, None, :]
    mask = torch.triu(torch.ones(size, size, device=r.device, dtype=torch.bool), 1) & (ds.abs() > 1e-3)
    return F.binary_cross_entropy_with_logits(dr[mask], torch.sigmoid(sharp * ds[mask])) + 1e-3 * r.mean().pow(2)


def fit_reward(model, take, steps, seconds, device, lr=2e-3, muon=0.02, budget=49152, size=6, per=3, name='reward', language=0.3):
    loop = Loop(model, lr, muon, steps, seconds, device, name)
    compile_layers(model.model, device)
    rng = np.random.default_rng(2)
    model.train()
    while loop.going():
        for tokens, length, score, traits in reward_batches([take() for _ in range(per)], size, budget, rng):
            if not loop.going():
                break
            ids = to_device(tokens, device)
            last = to_device(length - 1, device)
            with torch.autocast(device, torch.bfloat16, enabled=device == 'cuda'):
                hidden = model.model(ids)
                # Some rows also predict their next tokens: copying is what comparing facts is made of.
                part = slice(0, max(1, len(tokens) // 3))
                logits = model.model.logits(hidden[part, :-1])
            pooled = hidden[torch.arange(len(tokens), device=device), last].float()
            reward = model.score(pooled)[:, 0]
            pairs = pair_loss(reward, to_device(score, device), size)
            aux = F.binary_cross_entropy_with_logits(model.aux(pooled), to_device(traits, device))
            text = F.cross_entropy(logits.float().flatten(0, 1), ids[part, 1:].flatten(), ignore_index=PAD)
            loop.update(pairs + aux + language * text, tokens.size, f'pairs {float(pairs.detach()):.4f} aux {float(aux.detach()):.4f}' if loop.step % 100 == 0 else '')
    model.eval()
    return loop
