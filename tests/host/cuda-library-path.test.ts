import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Command } from '../system/house.ts'
import { createHouse, cuda, cudaNames, driverName, library, provider } from './cuda.ts'

/** Opens the provider in a process of its own, as the service does; prints what the loader says. */
const script = `
import { spawnSync } from 'node:child_process'
import { exposeCudaLibraries } from './host/cuda/library-path.ts'
await exposeCudaLibraries()
const open = "process.dlopen({ exports: {} }, '" + process.argv[1] + "/${cuda}')"
const { stderr } = spawnSync(process.execPath, ['-e', open], { encoding: 'utf8' })
console.log(/^Error: ([^:]+)/m.exec(stderr)[1])
console.log(process.env.LD_LIBRARY_PATH)
`

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'a process that is started afterwards finds what the loader does not look for',
  async () => {
    const { folder, target } = createHouse()
    const driver = join(folder, 'driver')
    const python = join(folder, 'venv/lib/python3.12/site-packages/nvidia/cu99/lib')
    for (const path of [driver, python]) mkdirSync(path, { recursive: true })
    const [lt, blas, runtime] = cudaNames
    writeFileSync(join(driver, driverName), library(driverName))
    writeFileSync(join(python, lt), library(lt))
    writeFileSync(join(python, runtime), library(runtime))
    writeFileSync(join(target, blas), library(blas, [lt]))
    const open = async (path: string | undefined): Promise<string[]> => {
      const env = { LD_LIBRARY_PATH: path, PATH: `${folder}/venv/bin:${process.env['PATH']}` }
      const args = ['--input-type=module', '-e', script, target]
      const command = new Command(process.execPath, args, env, folder)
      expect(await command.exit, command.stderr).toBe(0)
      return command.stdout.trimEnd().split('\n')
    }

    // Nothing to find anything for.
    expect((await open(undefined))[1]).toBe('undefined')
    for (const [name, bytes] of Object.entries(provider)) writeFileSync(join(target, name), bytes)
    // Node says so once a library is open and turns out to be no addon.
    expect(await open(driver)).toEqual([
      'Module did not self-register',
      `${driver}:${python}:${target}`,
    ])
    const found = `${driver}:${python}:${target}`
    expect((await open(found))[1]).toBe(found)
    rmSync(join(python, lt))
    expect((await open(driver))[0]).toBe(lt)
    writeFileSync(join(target, cuda), 'no library')
    expect((await open(driver))[1]).toBe(driver)
  },
)
