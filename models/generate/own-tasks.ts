/** Training questions for the policy's own answers: node models/generate/own-tasks.ts COUNT SEED → [{brief, good}], one perfect message each. */
import { anyTask } from './episode.ts'
import { makePlan, noFlaws, render } from './message.ts'
import { hash, Rng } from './random.ts'

const [count = '100', seed = 'own', split = 'train', free = '0.5'] = process.argv.slice(2)
const out: unknown[] = []
for (let i = 0; i < Number(count); i++) {
  const rng = new Rng(hash(`${seed}:${i}`))
  const task = anyTask(rng, split === 'held' ? 'held' : 'train', Number(free))
  out.push({ brief: task.brief, good: render(makePlan(task.scenario, rng), noFlaws) })
}
process.stdout.write(JSON.stringify(out))
