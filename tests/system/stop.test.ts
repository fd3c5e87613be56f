/** Ctrl-C while a run is under way. */
import { expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import { answers, startHouse } from './house.ts'

const inHand = 'tpo: the API ends when its requests in hand do'

/** A house with a run of which the first step has been told. */
async function houseWithRun(iterations: number) {
  const house = await startHouse()
  const begun = Promise.withResolvers<void>()
  const client = new TpoClient({ baseUrl: house.url })
  const settings = { query: 'Thank Ana for the flowers', samples: 2, iterations }
  const run = client.run(settings, { onEvent: () => begun.resolve() })
  await begun.promise
  return { ...house, run }
}

test('once: the run is answered, then everything ends', async () => {
  const { command, run, url } = await houseWithRun(1)
  command.child.kill('SIGINT')
  const { run: state } = await run
  expect(state.stop_reason).toBe('iterations')
  expect(await command.exit).toBe(0)
  expect(command.stderr).toContain(inHand)
  expect(await answers(url)).toBe(false)
})

test('twice: everything ends at once', async () => {
  const { command, run, url, rewardUrl, policyUrl } = await houseWithRun(10)
  const end = run.then(
    () => 'answered',
    () => 'cut off',
  )
  while (command.child.exitCode === null) {
    command.child.kill('SIGINT')
    await answers(url)
  }
  expect(await end).toBe('cut off')
  // The services hold the pipes of their parent: "exit" comes when the last of them is gone.
  expect(await command.exit).toBe(1)
  const left = await Promise.all([url, rewardUrl, policyUrl].map(answers))
  expect(left).toEqual([false, false, false])
})
