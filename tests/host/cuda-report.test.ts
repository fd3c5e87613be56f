import { rm } from 'node:fs/promises'
import { describe, expect, test, vi } from 'vitest'
import { type Driver, gpuMemory, parseDriver } from '../../host/cuda/driver.ts'
import { type Library, parseTrace } from '../../host/cuda/libraries.ts'
import { findings, remedies } from '../../host/cuda/report.ts'
import { fakeNvidiaSmi, overview580 } from '../fakes/fake-nvidia-smi.ts'

/** Since version 610 the banner has other names. */
const overview610 =
  '| NVIDIA-SMI 610.57.04              KMD Version: 610.57.04     CUDA UMD Version: 13.3     |'
const overview550 =
  '| NVIDIA-SMI 550.90.07              Driver Version: 550.90.07      CUDA Version: 12.4     |'
const h200 = '0, NVIDIA H200, 143771, 143158, 9.0'
const gib = 2 ** 30

describe('nvidia-smi', () => {
  test('tells the driver and each GPU', () => {
    const table = `${h200}\n1, NVIDIA H100 80GB HBM3, 81559, 80995, 9.0\n`
    expect(parseDriver(overview580, table)).toEqual({
      version: '580.159.03',
      cuda: 13,
      gpus: [
        {
          index: 0,
          name: 'NVIDIA H200',
          memory: { total: 143771 * 2 ** 20, free: 143158 * 2 ** 20 },
          computeCapability: 9,
        },
        {
          index: 1,
          name: 'NVIDIA H100 80GB HBM3',
          memory: { total: 81559 * 2 ** 20, free: 80995 * 2 ** 20 },
          computeCapability: 9,
        },
      ],
    })
  })

  test('tells how much of the memory is used, where there are GPUs that say', async () => {
    const folder = fakeNvidiaSmi('', `${h200}\n1, NVIDIA GB10, [N/A], [N/A], 12.1\n`)
    vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`)
    const mib = 2 ** 20
    expect(await gpuMemory()).toEqual([
      { index: 0, total: 143771 * mib, used: (143771 - 143158) * mib },
    ])
    vi.stubEnv('PATH', '/nowhere')
    expect(await gpuMemory()).toEqual([])
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  test.each([
    [overview610, '610.57.04', 13.3],
    [overview550, '550.90.07', 12.4],
  ])('of other versions is read too: %s', (overview, version, cuda) => {
    expect(parseDriver(overview, h200)).toMatchObject({ version, cuda })
  })

  test('has no numbers for memory that a GPU shares with the machine', () => {
    const driver = parseDriver(overview580, '0, NVIDIA GB10, [N/A], [N/A], 12.1\n')
    expect(driver?.gpus).toEqual([
      { index: 0, name: 'NVIDIA GB10', memory: undefined, computeCapability: 12.1 },
    ])
    expect(findings(driver, [])).toContain('  GPU 0: NVIDIA GB10, compute capability 12.1')
  })

  test('without a driver or a GPU says so', () => {
    const failed =
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running."
    expect(parseDriver(failed, '')).toBeUndefined()
    expect(parseDriver(overview580, 'No devices were found\n')?.gpus).toEqual([])
  })
})

/** The loader's own words about the provider of version 1.30, on a machine with a part of CUDA. */
const trace = `	linux-vdso.so.1 (0x00007f1418310000)
	libcublasLt.so.13 => not found
	libcublas.so.13 => not found
	libcurand.so.10 => /opt/cuda/lib/libcurand.so.10 (0x00007f13fd200000)
	libcudart.so.13 => /opt/cuda/lib/libcudart.so.13 (0x00007f13fce00000)
	libcuda.so.1 => not found
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f14182f7000)
	libstdc++.so.6 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f13fca1e000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f1418312000)
`

test("of the loader's trace, NVIDIA's libraries and what was not found are kept", () => {
  const lost = (name: string) => ({ name, path: undefined, loads: false })
  const found = (name: string) => ({ name, path: `/opt/cuda/lib/${name}`, loads: true })
  expect(parseTrace(trace)).toEqual([
    lost('libcublasLt.so.13'),
    lost('libcublas.so.13'),
    found('libcurand.so.10'),
    found('libcudart.so.13'),
    lost('libcuda.so.1'),
    lost('libstdc++.so.6'),
  ])
})

describe('what is left to do', () => {
  const driver: Driver = {
    version: '580.159.03',
    cuda: 13,
    gpus: [
      { index: 0, name: 'NVIDIA H200', memory: { total: gib, free: gib }, computeCapability: 9 },
    ],
  }
  const library = (name: string, folder: string | undefined, loads = true): Library => ({
    name,
    path: folder === undefined ? undefined : `${folder}/${name}`,
    loads,
  })
  const driverLibrary = library('libcuda.so.1', '/usr/lib')
  const all = [library('libcublas.so.13', '/opt/cuda'), driverLibrary]

  test('is nothing where all is there, also where nvidia-smi is not', () => {
    expect(remedies(driver, all)).toEqual([])
    expect(remedies(undefined, all)).toEqual([])
  })

  test.each([
    [
      'no driver',
      undefined,
      [library('libcuda.so.1', undefined)],
      /^install NVIDIA's driver, .*580/,
    ],
    [
      'an old one',
      { ...driver, version: '550.90.07', cuda: 12.4 },
      all,
      /^update .* 550\.90\.07 is for CUDA up to 12\.4, and CUDA 13 is needed$/,
    ],
    [
      'no GPU',
      { ...driver, gpus: [] },
      all,
      /^give the machine a GPU of .* 7\.5 or newer: there is no GPU$/,
    ],
    [
      'an old GPU',
      { ...driver, gpus: driver.gpus.map((gpu) => ({ ...gpu, computeCapability: 7 })) },
      all,
      /7\.5 or newer: CUDA 13 no longer runs the GPUs here$/,
    ],
    [
      'a driver whose library is hidden',
      driver,
      [library('libcuda.so.1', undefined)],
      /^let the loader find libcuda\.so\.1, which/,
    ],
    [
      'a system that lacks something',
      driver,
      [...all, library('libstdc++.so.6', undefined)],
      /^install the package of your system that has libstdc\+\+\.so\.6$/,
    ],
  ])('with %s', (_, found, libraries, line) => {
    expect(remedies(found, libraries)).toEqual([expect.stringMatching(line)])
  })

  test('with libraries that are missing: which wheels to fetch, each once', () => {
    const names = ['libcublasLt.so.13', 'libcublas.so.13', 'libcurand.so.10', 'libcudart.so.13']
    const missing = names.map((name) => library(name, undefined))
    expect(remedies(driver, [...missing, driverLibrary]).slice(1)).toEqual([
      "  pip download --no-deps -d cuda-wheels 'nvidia-cublas==13.*' 'nvidia-curand==10.*' 'nvidia-cuda-runtime==13.*'",
      '  npm run setup:cuda -- --from cuda-wheels/*.whl',
    ])
  })

  test('is nothing about libraries that the service opens by itself', () => {
    expect(remedies(driver, [library('libcublas.so.13', '/a', false), driverLibrary])).toEqual([])
  })
})
