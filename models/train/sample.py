"""Sampling many continuations at once, and scoring many answers at once."""
import torch

from model import END, PAD


def pick(logits, temperature, top_p, generator):
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits.float() / temperature
    top, index = logits.topk(min(256, logits.shape[-1]), dim=-1)
    p = torch.softmax(logits, -1).gather(1, index)
    before = p.cumsum(-1) - p
    p = torch.where(before < top_p, p, 0.0)
    return index.gather(1, torch.multinomial(p, 1, generator=generator))[:, 0]


@torch.no_grad()
def sample(model, prompts, temperature, top_p, limit, seed, device, batch=1024):
    """Continuations (token lists without the end mark, and whether each ended) of token prompts."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    out = [None] * len(prompts)
    generator = torch.Generator(device=device).manual_seed(seed)
    for start in range(0, len(order), batch):
        rows = order[start:start + batch]
        length = torch.tensor([len(prompts[i]) for i in rows], device=device)
        wide = int(length.max())
        tokens = torch.full((len(rows), wide), PAD)
        for row, i in enumerate(rows):
            tokens[row, :len(prompts[i])] = torch.tensor(prompts[i])
        tokens = tokens.to(device)
        with torch.autocast(device, torch.bfloat16, enabled=device == 'cuda'):
            hidden, caches = model.prefill(tokens, limit)
            logits = model.logits(hidden[torch.arange(len(rows), device=device), length - 1])
            at = length.clone()
            done = torch.zeros(len(rows), dtype=torch.bool, device=device)
            made = []
            for n in range(limit):
                token = pick(logits, temperature, top_p, generator)
                token = torch.where(done, PAD, token)
                made.append(token)
                done = done | (token == END)
                if n == limit - 1 or (n % 16 == 15 and bool(done.all())):
                    break
                logits = model.logits(model.step(token, at, caches))
                at = at + 1
        made = torch.stack(made, 1).tolist()
        for row, i in enumerate(rows):
            ids = made[row]
            ended = END in ids
            out[i] = (ids[:ids.index(END)] if ended else [t for t in ids if t != PAD], ended)
    return out


@torch.no_grad()
def rewards(model, sequences, device, batch=1024):
    """One reward per token sequence."""
    out = torch.zeros(len(sequences))
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    for start in range(0, len(order), batch):
        rows = order[start:start + batch]
        length = torch.tensor([len(sequences[i]) for i in rows], device=device)
        tokens = torch.full((len(rows), int(length.max())), PAD)
        for row, i in enumerate(rows):
            tokens[row, :len(sequences[i])] = torch.tensor(sequences[i])
        with torch.autocast(device, torch.bfloat16, enabled=device == 'cuda'):
            hidden = model.model(tokens.to(device))
        last = hidden[torch.arange(len(rows), device=device), length - 1].float()
        value = torch.nn.functional.linear(last, model.score.weight.float())[:, 0].cpu()
        for row, i in enumerate(rows):
            out[i] = value[row]
    return out.tolist()
