/**
 * A fake of a NuGet gallery: speaks the URL layout of version 3 of its protocol (service index,
 * registration, catalog, flat container), records what it was asked, and misbehaves on demand.
 */
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface FakePackage {
  id: string
  version: string
  nupkg: Buffer
}

export interface GalleryBehaviour {
  /** Breaks the connection after so many bytes of the package, once. */
  dropsAt?: number
  /** Sends so many bytes of the package and then no more. */
  holdsAt?: number
  /** Sends other bytes. */
  corrupts?: boolean
  /** Lists versions on pages of their own, as it does for packages with many. */
  paged?: boolean
  /** Publishes no hash. */
  hashless?: boolean
  /** Answers this status to everything. */
  status?: number
}

export interface GalleryRequest {
  path: string
  range: string | undefined
}

export interface FakeNuget {
  /** Of the service index. */
  url: string
  requests: GalleryRequest[]
  behave: (behaviour: GalleryBehaviour) => void
  /** Resolves when the package was sent as far as `holdsAt`. */
  held: () => Promise<void>
  close: () => Promise<void>
}

export async function startFakeNuget({ id, version, nupkg }: FakePackage): Promise<FakeNuget> {
  const requests: GalleryRequest[] = []
  let behaviour: GalleryBehaviour = {}
  let held = Promise.withResolvers<void>()
  const lower = id.toLowerCase()
  const paths = {
    index: '/v3/index.json',
    registration: `/v3/registration5-gz-semver2/${lower}/index.json`,
    page: `/v3/registration5-gz-semver2/${lower}/page/1.0.0/${version}.json`,
    catalog: `/v3/catalog0/data/2026.09.10.08.00.00/${lower}.${version}.json`,
    nupkg: `/v3-flatcontainer/${lower}/${version}/${lower}.${version}.nupkg`,
  }

  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const { range } = request.headers
    requests.push({ path, range })
    if (behaviour.status !== undefined) return void response.writeHead(behaviour.status).end('…')
    if (path === paths.index) return json(response, serviceIndex())
    if (path === paths.registration) return json(response, registration(), 'gzip')
    if (path === paths.page) return json(response, { '@id': at(paths.page), ...page() }, 'gzip')
    if (path === paths.catalog) return json(response, catalogEntry())
    if (path === paths.nupkg) return sendPackage(response, range)
    return void response.writeHead(404).end('BlobNotFound')
  })

  const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`

  const serviceIndex = () => ({
    version: '3.0.0',
    resources: [
      { '@id': at('/query'), '@type': 'SearchQueryService', comment: 'search' },
      { '@id': at('/v3/registration5-semver1/'), '@type': 'RegistrationsBaseUrl' },
      { '@id': at('/v3-flatcontainer/'), '@type': 'PackageBaseAddress/3.0.0' },
      { '@id': at('/v3/registration5-gz-semver2/'), '@type': 'RegistrationsBaseUrl/3.6.0' },
    ],
  })

  const leaf = (of: string) => ({
    '@id': at(`/v3/registration5-gz-semver2/${lower}/${of}.json`),
    '@type': 'Package',
    catalogEntry: { '@id': at(paths.catalog.replace(version, of)), id, version: of, listed: true },
    packageContent: at(paths.nupkg.replaceAll(version, of)),
    registration: at(paths.registration),
  })
  const page = () => ({ count: 2, items: [leaf('1.0.0'), leaf(version)] })

  const registration = () => ({
    count: 1,
    items: [
      {
        '@id': at(behaviour.paged ? paths.page : `${paths.registration}#page/1.0.0/${version}`),
        lower: '1.0.0',
        upper: version,
        ...(behaviour.paged ? { count: 2 } : page()),
      },
    ],
  })

  const catalogEntry = () => ({
    '@type': ['PackageDetails', 'catalog:Permalink'],
    id,
    version,
    ...(!behaviour.hashless && {
      packageHash: createHash('sha512').update(nupkg).digest('base64'),
      packageHashAlgorithm: 'SHA512',
    }),
    packageSize: nupkg.length,
  })

  const sendPackage = (response: ServerResponse, range: string | undefined) => {
    const bytes = behaviour.corrupts ? Buffer.alloc(nupkg.length, 7) : nupkg
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const part = bytes.subarray(start)
    response.writeHead(range === undefined ? 200 : 206, {
      'content-length': String(part.length),
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    })
    const { dropsAt, holdsAt } = behaviour
    const end = dropsAt ?? holdsAt
    if (end === undefined) return void response.end(part)
    response.write(part.subarray(0, end - start), () => {
      if (dropsAt !== undefined) response.destroy()
      else held.resolve()
    })
    behaviour = {}
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: at(paths.index),
    requests,
    behave(next) {
      behaviour = next
      requests.length = 0
      held = Promise.withResolvers()
    },
    held: () => held.promise,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function json(response: ServerResponse, body: object, encoding?: 'gzip'): void {
  const text = JSON.stringify(body)
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(encoding && { 'content-encoding': encoding }),
  })
  response.end(encoding === 'gzip' ? gzipSync(text) : text)
}
