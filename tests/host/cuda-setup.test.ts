import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeNuget, startFakeNuget } from '../fakes/fake-nuget.ts'
import { fakeNvidiaSmi, overview580 } from '../fakes/fake-nvidia-smi.ts'
import { Command, root } from '../system/house.ts'
import {
  createHouse,
  cuda,
  cudaNames,
  driverName,
  galleryId,
  type House,
  library,
  native,
  nupkg,
  provider,
  shared,
  under,
  wheel,
} from './cuda.ts'

const whole = nupkg('9.9.9', under(native, provider))
const record = 'tpo-edge-cuda.json'
const inPlace = [cuda, shared, record]

let gallery: FakeNuget
let house: House
beforeAll(async () => {
  gallery = await startFakeNuget({ id: galleryId, version: '9.9.9', nupkg: whole })
})
afterAll(() => gallery.close())
beforeEach(() => {
  gallery.behave({})
  house = createHouse()
})

const fromGallery = (env?: NodeJS.ProcessEnv) => house.run(['--source', gallery.url], env)
const paths = () => gallery.requests.map(({ path }) => path)
const packageRequests = () => gallery.requests.filter(({ path }) => path.endsWith('.nupkg'))

async function succeed(command: Command): Promise<string> {
  expect(await command.exit, command.stderr).toBe(0)
  return command.stdout
}

/** The one line that a refused setup prints, with nothing put in place. */
async function refusal(command: Command): Promise<string> {
  expect(await command.exit, command.stdout).toBe(1)
  expect(house.placed().filter((name) => !name.endsWith('.incomplete'))).toEqual([])
  const lines = command.stderr.trimEnd().split('\n')
  return lines.findLast((line) => line.startsWith('tpo: ')) ?? command.stderr
}

function expectProvider(): void {
  for (const [name, bytes] of Object.entries(provider)) {
    expect(readFileSync(join(house.target, name)).equals(bytes), name).toBe(true)
  }
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('on Linux x64', () => {
  describe('from NuGet', () => {
    test.each([{}, { paged: true }])('asks as the protocol says: %j', async (behaviour) => {
      gallery.behave(behaviour)
      const printed = await succeed(fromGallery())
      expectProvider()
      expect(house.placed()).toEqual(inPlace)
      expect(printed).toContain(
        `from ${galleryId} 9.9.9, checked by the package hash of ${new URL(gallery.url).host}\n`,
      )
      const id = galleryId.toLowerCase()
      expect(paths()).toEqual([
        '/v3/index.json',
        `/v3/registration5-gz-semver2/${id}/index.json`,
        ...(behaviour.paged ? [`/v3/registration5-gz-semver2/${id}/page/1.0.0/9.9.9.json`] : []),
        `/v3/catalog0/data/2026.09.10.08.00.00/${id}.9.9.9.json`,
        `/v3-flatcontainer/${id}/9.9.9/${id}.9.9.9.nupkg`,
      ])
    })

    test('a second run asks nothing and changes nothing, unless a file is not the right one', async () => {
      await succeed(fromGallery())
      gallery.behave({})
      expect(await succeed(fromGallery())).toContain('nothing to do, all was in place')
      expect(paths()).toEqual([])
      writeFileSync(join(house.target, cuda), library(cuda))
      expect(await succeed(fromGallery())).toContain(`put in place: ${shared}, ${cuda}`)
      expectProvider()
    })

    test('goes on where a connection broke', async () => {
      gallery.behave({ dropsAt: 3000 })
      await succeed(fromGallery())
      expectProvider()
      expect(packageRequests().map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=3000-'])
    })

    test('other bytes than promised are refused and not kept', async () => {
      gallery.behave({ corrupts: true })
      expect(await refusal(fromGallery())).toBe(
        `tpo: ${galleryId} 9.9.9 came with other contents than ${new URL(gallery.url).host} promises (its SHA-512 differs), so it was deleted; start again to fetch it anew`,
      )
      expect(house.placed()).toEqual([])
      gallery.behave({})
      await succeed(fromGallery())
      expectProvider()
    })

    test.each(['SIGINT', 'SIGTERM'] as const)(
      'on %s leaves nothing half, and the next run goes on',
      async (signal) => {
        gallery.behave({ holdsAt: 3000 })
        const command = fromGallery()
        await Promise.race([gallery.held(), command.exit])
        command.child.kill(signal)
        expect(await command.exit).toBe(130)
        expect(command.stderr).toContain('stopped, nothing was changed')
        expect(house.placed()).toEqual([`${galleryId}.9.9.9.nupkg.incomplete`])
        gallery.behave({})
        await succeed(fromGallery())
        expectProvider()
        expect(house.placed()).toEqual(inPlace)
      },
    )

    test.each([
      [{ hashless: true }, /publishes no hash of .* 9\.9\.9, so it could not be checked; give/],
      [{ status: 503 }, /answers with status 503, try again later$/],
      [
        { status: 403 },
        /refuses \/v3\/index\.json with status 403; check --source, or give a file/,
      ],
      [{ status: 200 }, /does not answer like a NuGet gallery; --source is the address of a/],
    ])('a gallery that cannot be used is one clear line: %j', async (behaviour, message) => {
      gallery.behave(behaviour)
      expect(await refusal(fromGallery())).toMatch(message)
    })

    test('what is in place for another version is not taken for right', async () => {
      await succeed(fromGallery())
      const manifest = join(house.folder, 'node_modules/onnxruntime-node/package.json')
      writeFileSync(manifest, '{"version":"9.9.10"}')
      const command = fromGallery()
      expect(await command.exit).toBe(1)
      expect(command.stderr).toMatch(/has no version 9\.9\.10 of Microsoft/)
    })

    test.runIf(existsSync('/dev/full'))('a full disk is one clear line', async () => {
      symlinkSync('/dev/full', join(house.target, `${cuda}.part`))
      expect(await refusal(fromGallery())).toBe(
        'tpo: the disk is full; free some space and start again',
      )
    })

    test('a gallery out of reach is one clear line', async () => {
      expect(await refusal(house.run(['--source', 'http://127.0.0.1:9/index.json']))).toMatch(
        /^tpo: 127\.0\.0\.1:9 cannot be reached \(.+\); check the network, or give a file with --from$/,
      )
    })
  })

  describe('from a wheel', () => {
    const files = under('onnxruntime/capi', provider)

    test('puts its files in place, checked by its RECORD', async () => {
      const path = house.file('gpu.whl', wheel('onnxruntime-gpu', '9.9.9', files))
      writeFileSync(join(house.target, `${galleryId}.9.9.9.nupkg.incomplete`), 'part')
      const printed = await succeed(house.run(['--from', path]))
      expectProvider()
      // A download that was stopped is not kept.
      expect(house.placed()).toEqual(inPlace)
      expect(printed).toContain("onnxruntime-gpu 9.9.9, checked by SHA-256 of the wheel's RECORD\n")
      expect(await succeed(house.run(['--from', path]))).toContain('nothing to do')
      // Nor does one that would take them from the gallery.
      expect(await succeed(fromGallery())).toContain('nothing to do')
      expect(paths()).toEqual([])
    })

    test('of another version is refused', async () => {
      const path = house.file('gpu.whl', wheel('onnxruntime-gpu', '9.9.8', files))
      expect(await refusal(house.run(['--from', path]))).toBe(
        'tpo: onnxruntime-gpu 9.9.8 is of another version than onnxruntime-node, which is 9.9.9; give version 9.9.9',
      )
    })

    test.each([
      [
        'speaks of other contents',
        under('onnxruntime/capi', { ...provider, [cuda]: library(cuda) }),
      ],
      [
        'does not speak of a file',
        under('onnxruntime/capi', { [shared]: provider[shared] ?? Buffer.of() }),
      ],
    ])('whose RECORD %s is refused', async (_, promised) => {
      const path = house.file('gpu.whl', wheel('onnxruntime-gpu', '9.9.9', files, promised))
      expect(await refusal(house.run(['--from', path]))).toMatch(/SHA-256.*; fetch it again$/)
    })

    test('with one of the two files is refused', async () => {
      const half = { [shared]: provider[shared] ?? Buffer.of() }
      const path = house.file('gpu.whl', wheel('onnxruntime-gpu', '9.9.9', half))
      expect(await refusal(house.run(['--from', path]))).toMatch(/has no .*cuda\.so; both files/)
    })
  })

  test('from a NuGet package, checked by the CRC-32 of a zip', async () => {
    const path = house.file('gpu.nupkg', whole)
    const damaged = Buffer.from(whole)
    // The CRC-32 of the last file, as the directory at the end has it.
    const directory = damaged.lastIndexOf('PK\u0001\u0002')
    damaged.writeUInt32LE(7, directory + 16)
    const other = house.file('damaged.nupkg', damaged)
    expect(await refusal(house.run(['--from', other]))).toMatch(/has another CRC-32 than its/)
    const cutOff = house.file('cut-off.nupkg', whole.subarray(0, 3000))
    expect(await refusal(house.run(['--from', cutOff]))).toMatch(/cut-off\.nupkg is no whole zip/)
    const printed = await succeed(house.run(['--from', path]))
    expectProvider()
    expect(printed).toContain(`${galleryId} 9.9.9, checked by CRC-32 of the package's zip\n`)
  })

  describe('from a folder', () => {
    const folderOf = (files: Record<string, Buffer>) => {
      const folder = join(house.folder, 'given')
      mkdirSync(folder, { recursive: true })
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
      return folder
    }

    test('says that their form is all that was checked', async () => {
      const folder = folderOf(provider)
      const printed = await succeed(house.run(['--from', folder]))
      expectProvider()
      expect(printed).toContain(`the folder ${folder}, checked by their form only`)
      expect(await succeed(house.run(['--from', folder]))).toContain('nothing to do')
    })

    const whole = provider[cuda] ?? Buffer.of()
    const arm = Buffer.from(whole)
    arm.writeUInt16LE(183, 18)
    test.each([
      ['cut off', whole.subarray(0, -1), 'is cut off'],
      ['for another processor', arm, 'is for another processor than x64'],
      ['no library', Buffer.alloc(9000, 'x'), 'is no 64-bit ELF file'],
      ['empty', Buffer.of(), 'is no 64-bit ELF file'],
    ])('a file that is %s is refused', async (_, bytes, fault) => {
      const folder = folderOf({ ...provider, [cuda]: bytes })
      expect(await refusal(house.run(['--from', folder]))).toBe(
        `tpo: ${cuda} ${fault}, so nothing was put in place; fetch it again`,
      )
    })
  })

  describe("CUDA's own libraries", () => {
    const files = Object.fromEntries(cudaNames.map((name) => [name, library(name)]))
    const [lt = '', blas = '', runtime = ''] = cudaNames
    const part = (...names: string[]) =>
      under('nvidia/cu99/lib', Object.fromEntries(names.map((name) => [name, library(name)])))
    const wheels = () => [
      house.file('gpu.whl', wheel('onnxruntime-gpu', '9.9.9', under('onnxruntime/capi', provider))),
      house.file('cublas.whl', wheel('nvidia-cublas', '99.0.2', part(lt, blas, 'libnvblas.so.99'))),
      house.file('runtime.whl', wheel('nvidia-cuda-runtime', '99.0.96', part(runtime))),
    ]
    const driver = () => {
      const folder = join(house.folder, 'driver')
      mkdirSync(folder)
      writeFileSync(join(folder, driverName), library(driverName))
      return folder
    }
    const h200 = '0, NVIDIA H200, 143771, 143158, 9.0'

    test('are put beside the provider, and the report says where they are', async () => {
      const given = wheels()
      const printed = await succeed(house.run(['--from', ...given]))
      expectProvider()
      expect(house.placed()).toEqual([...cudaNames, ...inPlace].sort())
      expect(printed).toContain(`\n  ${lt}  ${house.target}/${lt}\n`)
      expect(await succeed(house.run(['--from', ...given]))).toContain('nothing to do')
    })

    test('are ready with a driver', async () => {
      const [gpu = '', ...others] = wheels()
      await succeed(house.run(['--from', gpu, '--from', ...others]))
      const env = {
        LD_LIBRARY_PATH: driver(),
        PATH: `${fakeNvidiaSmi(overview580, h200)}:${process.env['PATH']}`,
      }
      const printed = await succeed(fromGallery(env))
      expect(printed.split('\n').slice(3)).toEqual([
        'Driver 580.159.03, for CUDA up to 13.0',
        '  GPU 0: NVIDIA H200, 139.8 of 140.4 GiB free, compute capability 9.0',
        'Libraries that the provider needs:',
        ...cudaNames.map((name) => `  ${name.padEnd(lt.length)}  ${house.target}/${name}`),
        `  ${driverName.padEnd(lt.length)}  ${house.folder}/driver/${driverName}`,
        'CUDA is ready',
        '',
      ])
    })

    test('are found in Python packages on the PATH, and may come in one folder with the provider', async () => {
      const python = join(house.folder, 'venv/lib/python3.12/site-packages/nvidia/cu99/lib')
      mkdirSync(python, { recursive: true })
      for (const [name, bytes] of Object.entries({ ...provider, ...files })) {
        writeFileSync(join(python, name), bytes)
      }
      const env = { PATH: `${house.folder}/venv/bin:${process.env['PATH']}` }
      const printed = await succeed(fromGallery(env))
      expect(printed).toContain(`  ${lt}  ${python}/${lt}\n`)
      await succeed(house.run(['--from', python]))
      expect(house.placed()).toEqual([...cudaNames, ...inPlace].sort())
    })

    test('a wheel without any of them is refused before anything is put in place', async () => {
      const [gpu = ''] = wheels()
      const older = wheel('nvidia-cublas-cu12', '12.9.1', part('libcublas.so.12'))
      const path = house.file('older.whl', older)
      expect(await refusal(house.run(['--from', gpu, path]))).toBe(
        `tpo: nvidia-cublas-cu12 12.9.1 has none of the libraries that are needed: ${[...cudaNames, driverName].join(', ')}`,
      )
    })
  })

  test('what is no source is refused', async () => {
    const { folder } = house
    expect(await refusal(house.run(['--from', 'nowhere.whl']))).toBe(
      `tpo: there is no ${folder}/nowhere.whl`,
    )
    expect(await refusal(house.run(['--from', house.file('text', Buffer.from('text'))]))).toMatch(
      /^tpo: text is no whole zip file/,
    )
  })
})

test.each([
  ['win32', 'x64', /Linux x64 only, and this is win32 x64; DirectML and WebGPU are there/],
  ['darwin', 'arm64', /Linux x64 only, and this is darwin arm64; CoreML and WebGPU are there/],
  ['linux', 'arm64', /Linux x64 only, and this is linux arm64$/],
])('on %s %s it says in one line what there is', async (platform, arch, message) => {
  const change = `Object.defineProperties(process, { platform: { value: '${platform}' }, arch: { value: '${arch}' } })`
  const node = ['--import', `data:text/javascript,${encodeURIComponent(change)}`]
  expect(await refusal(house.run([], {}, node))).toMatch(message)
})

test('wrong usage is told, and npm and tpo take the same flags', async () => {
  const wrong = house.run(['--source', 'nuget.org'])
  expect(await wrong.exit).toBe(2)
  expect(wrong.stderr).toContain('must be an http:// or https:// address')
  const cli = ['clients/cli/tpo.ts', 'setup', 'cuda', '--source', 'nuget.org']
  const tpo = new Command(process.execPath, cli, {}, root)
  expect(await tpo.exit).toBe(2)
  expect(tpo.stderr).toBe(wrong.stderr)
})
