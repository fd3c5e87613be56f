"""The real loop on held-out questions: sample, score, criticise, advise, rewrite; and best-of-N beside it."""
import json
import re
import statistics
import subprocess

from data import GENERATE, NODE
from sample import rewards, sample


def node(script, *args, text=None):
    done = subprocess.run([NODE, str(GENERATE / script), *args], input=text, capture_output=True, text=True, encoding='utf-8')
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def grades(pairs):
    """[(brief, answer)] → what the program finds."""
    lines = '\n'.join(json.dumps({'brief': brief, 'answer': answer}) for brief, answer in pairs)
    return [json.loads(line) for line in node('grade-lines.ts', text=lines + '\n').splitlines()]


class Prompts:
    """api/prompts/fill.ts once more: slots in one pass, fence tags inside the filled text disarmed."""

    def __init__(self):
        self.pack = json.loads(node('pack-json.ts'))

    def fill(self, name, **slots):
        template = self.pack[name]
        tags = '|'.join(dict.fromkeys(re.findall(r'</([a-z_]+)>', template['system'] + '\n' + template['user'])))
        fence = re.compile(r'<(?=\s*/?\s*(?:' + tags + r')\s*>)', re.I)
        put = lambda text: re.sub(r'\{\{([a-z_]+)\}\}', lambda m: fence.sub('&lt;', slots[m[1]]), text)
        return [{'role': 'system', 'content': put(template['system'])}, {'role': 'user', 'content': put(template['user'])}]


def answer_of(text):
    found = re.search(r'<answer>\s*(.*?)\s*(?:</answer>|$)', text, re.S)
    return (found[1] if found else text).strip(), bool(found) and '</answer>' in text


class Bench:
    def __init__(self, policy, reward, chat, device):
        self.policy, self.reward, self.chat, self.device = policy, reward, chat, device
        self.prompts = Prompts()

    def ask(self, messages, n, temperature, top_p, limit, seed):
        prompts = [self.chat.prompt(m) for m in messages for _ in range(n)]
        made = sample(self.policy, prompts, temperature, top_p, limit, seed, self.device)
        return [[(self.chat.text(ids), ended, len(ids)) for ids, ended in made[i:i + n]] for i in range(0, len(made), n)]

    def score(self, question_answers):
        return rewards(self.reward, [self.chat.pair(q, a) for q, a in question_answers], self.device)

    def tpo(self, questions, n=5, iterations=2, seed=7):
        """Per question: rounds of [(text, reward)], critiques and advice."""
        runs = [{'question': q, 'rounds': [], 'loss': [], 'gradient': [], 'tags': [], 'tokens': []} for q in questions]
        first = self.ask([[{'role': 'user', 'content': q}] for q in questions], n, 0.7, 0.95, 256, seed)
        self.add(runs, [[(text, True, k) for text, _, k in row] for row in first])
        for it in range(iterations):
            jobs = []
            for run in runs:
                flat = [c for round_ in run['rounds'] for c in round_]
                best = max(flat, key=lambda c: c[1])
                worst = min(flat, key=lambda c: c[1])
                jobs.append((best[0], worst[0]))
            messages = [self.prompts.fill('loss', query=r['question'], chosen=b, rejected=w) if b != w else self.prompts.fill('loss_single', query=r['question'], chosen=b) for r, (b, w) in zip(runs, jobs)]
            losses = self.ask(messages, 1, 0.7, 0.99, 200, seed + 100 + it)
            messages = [self.prompts.fill('gradient', query=r['question'], chosen=b, loss=l[0][0]) for r, (b, _), l in zip(runs, jobs, losses)]
            gradients = self.ask(messages, 1, 0.7, 0.99, 200, seed + 200 + it)
            messages = [self.prompts.fill('update', query=r['question'], chosen=b, gradient=g[0][0]) for r, (b, _), g in zip(runs, jobs, gradients)]
            rewrites = self.ask(messages, n, 0.7, 0.95, 300, seed + 300 + it)
            for run, (b, w), l, g in zip(runs, jobs, losses, gradients):
                run['loss'].append(l[0][0])
                run['gradient'].append(g[0][0])
                run['tokens'] += [l[0][2], g[0][2]]
                run.setdefault('chosen', []).append(b)
            self.add(runs, [[(*answer_of(text), k) for text, _, k in row] for row in rewrites])
        return runs

    def add(self, runs, rows):
        scores = iter(self.score([(run['question'], text) for run, row in zip(runs, rows) for text, _, _ in row]))
        for run, row in zip(runs, rows):
            run['rounds'].append([(text, next(scores)) for text, _, _ in row])
            run['tags'] += [tag for _, tag, _ in row]
            run['tokens'] += [k for _, _, k in row]

    def measure(self, held, seed=7, n=5, iterations=2):
        briefs = held['questions']
        questions = [b['question'] for b in briefs]
        runs = self.tpo(questions, n, iterations, seed)
        many = self.ask([[{'role': 'user', 'content': q}] for q in questions], n * (iterations + 1), 0.7, 0.95, 256, seed + 999)
        bon = [self.score([(q, text) for text, _, _ in row]) for q, row in zip(questions, many)]
        mean = statistics.fmean
        todo, place = [], []
        for i, run in enumerate(runs):
            for k, round_ in enumerate(run['rounds']):
                for text, r in round_:
                    todo.append((briefs[i], text))
                    place.append((i, k, r))
        for i, row in enumerate(many):
            best = max(range(len(row)), key=lambda j: bon[i][j])
            todo.append((briefs[i], row[best][0]))
            place.append((i, -1, bon[i][best]))
        found = grades(todo)
        keeps = {k: [] for k in range(-1, iterations + 1)}
        program = {k: [] for k in range(-1, iterations + 1)}
        broken = {k: [] for k in range(-1, iterations + 1)}
        per = {}
        for (i, k, r), g in zip(place, found):
            keeps[k].append(g['keeps'])
            program[k].append(g['score'])
            broken[k].append('broken' in g['traits'])
            if k >= 0:
                per.setdefault(i, []).append((r, g['score']))
        agree = [(a[0] > b[0]) == (a[1] > b[1]) for rows in per.values() for x, a in enumerate(rows) for b in rows[x + 1:] if abs(a[1] - b[1]) > 0.25]
        final = [max(r for round_ in run['rounds'] for _, r in round_) for run in runs]
        top = [max(row) for row in bon]
        final_program = [max(rows)[1] for rows in per.values()]
        named, hits = 0, 0
        chosen = grades([(briefs[i], run['chosen'][0]) for i, run in enumerate(runs)])
        for i, (run, g) in enumerate(zip(runs, chosen)):
            for key in (g['traits']['missing'] + g['traits']['wrong'])[:1]:
                core = next(f['core'] for f in briefs[i]['facts'] if f['key'] == key)
                named += 1
                hits += core.lower() in run['loss'][0].lower()
        iteration_best = [mean(max(r for _, r in run['rounds'][k]) for run in runs) for k in range(iterations + 1)]
        result = {
            'questions': len(runs), 'mean_reward': [round(mean(r for run in runs for _, r in run['rounds'][k]), 3) for k in range(iterations + 1)],
            'best_reward_of_round': [round(v, 3) for v in iteration_best],
            'program_score': [round(mean(program[k]), 3) for k in range(iterations + 1)],
            'keeps_every_fact': [round(mean(keeps[k]), 3) for k in range(iterations + 1)],
            'rewrites_keep_every_fact': round(mean(x for k in range(1, iterations + 1) for x in keeps[k]), 3),
            'broken': [round(mean(broken[k]), 3) for k in range(iterations + 1)],
            'final_vs_best_of_n': {'n': n * (iterations + 1), 'wins': sum(a > b + 1e-6 for a, b in zip(final, top)), 'ties': sum(abs(a - b) <= 1e-6 for a, b in zip(final, top)), 'losses': sum(a < b - 1e-6 for a, b in zip(final, top)),
                                   'mean_reward_tpo': round(mean(final), 3), 'mean_reward_best_of_n': round(mean(top), 3), 'program_score_tpo': round(mean(final_program), 3), 'program_score_best_of_n': round(mean(program[-1]), 3), 'best_of_n_keeps_every_fact': round(mean(keeps[-1]), 3)},
            'reward_agrees_with_program_on_policy_samples': round(mean(agree), 4),
            'critique_names_the_first_missing_fact': round(hits / max(named, 1), 3), 'critique_cases': named,
            'tags_complete': round(mean(t for run in runs for t in run['tags']), 4), 'mean_tokens_per_completion': round(mean(k for run in runs for k in run['tokens']), 1),
        }
        outside = self.ask([[{'role': 'user', 'content': q}] for q in held['outside']], 4, 0.7, 0.95, 256, seed)
        honest = lambda text: bool(re.search(r'small|tiny|demo|short (practical )?messages', text))
        result['outside_answers_say_what_it_can_do'] = round(mean(honest(text) for row in outside for text, _, _ in row), 3)
        result['refusals_inside'] = round(mean(bool(re.search(r'demo model|small model|model made for', text)) for run in runs for text, _ in run['rounds'][0]), 4)
        return result, runs, list(zip(held['outside'], [row[0][0] for row in outside]))


def reward_accuracy(reward, shard, device, size=6):
    """Share of pairs ranked right; also where both answers have about the same length."""
    flat, ends, scores, _, words = shard
    begin, rows = 0, []
    for end in ends:
        rows.append(flat[begin:end].tolist())
        begin = end
    r = rewards(reward, rows, device)
    right = near = near_right = total = 0
    for g in range(0, len(rows), size):
        for a in range(g, g + size):
            for b in range(a + 1, g + size):
                if abs(scores[a] - scores[b]) < 0.05:
                    continue
                good = (r[a] > r[b]) == (scores[a] > scores[b])
                total += 1
                right += good
                if abs(int(words[a]) - int(words[b])) <= 0.1 * max(words[a], words[b]):
                    near += 1
                    near_right += good
    return {'pairs': total, 'accuracy': round(float(right / total), 4), 'pairs_of_like_length': near, 'accuracy_of_like_length': round(float(near_right / near), 4)}


def transcript(runs, outside, briefs, count=14):
    out = []
    for run, brief in list(zip(runs, briefs))[:count]:
        out.append(f"################ {run['question']}\n(facts: {', '.join(f['core'] for f in brief['facts'])})")
        for k, round_ in enumerate(run['rounds']):
            ordered = sorted(round_, key=lambda c: -c[1])
            out.append(f"---- round {k}: rewards {[round(c[1], 2) for c in ordered]}\n[best {ordered[0][1]:.2f}]\n{ordered[0][0]}\n[worst {ordered[-1][1]:.2f}]\n{ordered[-1][0]}")
            if k < len(run['loss']):
                out.append(f"++ loss: {run['loss'][k]}\n++ gradient: {run['gradient'][k]}")
    out.append('################ outside')
    out += [f'{q} → {a}' for q, a in outside]
    return '\n'.join(out) + '\n'
