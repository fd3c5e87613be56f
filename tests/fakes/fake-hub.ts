/**
 * A fake of the Hugging Face hub, and of the server that it redirects to for large files: speaks
 * their URL layout and headers, records what it was asked, and misbehaves on demand.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeRepo {
  id: string
  /** Contents by path. */
  files: Map<string, Buffer>
  /** Branches and tags. */
  revisions: Record<string, string>
}

export interface HubBehaviour {
  /** Wants this token: for everything, or for the files of a model that lists itself openly. */
  token?: string
  gated?: boolean
  /** Sends so many bytes of this file and then no more, until `drop` or forever. */
  hold?: { path: string; after: number }
  /** Sends other bytes for this file. */
  corrupts?: string
  ignoresRange?: boolean
  /** Declares this size for the weights. */
  claims?: number
  /** Says that the list of files goes on at the other server. */
  straysTo?: 'cdn'
  /** Answers this status to everything. */
  status?: number
}

export interface HubRequest {
  /** Which of the two servers was asked. */
  server: 'hub' | 'cdn'
  url: string
  range: string | undefined
  authorization: string | undefined
  /** Bytes of a file that were sent. */
  sent: number
}

export interface FakeHub {
  url: string
  requests: HubRequest[]
  behave: (behaviour: HubBehaviour) => void
  /** Breaks the connection that is held. */
  drop: () => void
  close: () => Promise<void>
}

const hex = (algorithm: string, ...parts: (string | Buffer)[]) => {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
export const gitHash = (bytes: Buffer) => hex('sha1', `blob ${bytes.length}\0`, bytes)
export const sha256 = (bytes: Buffer) => hex('sha256', bytes)

/** As the hub's .gitattributes has it. */
const isLarge = (path: string) =>
  /\.(safetensors|bin|pt|onnx|onnx_data|gguf|msgpack)$|^tokenizer\.json$/.test(path)
/** By which tools name the contents in their cache. */
export const blobName = (path: string, bytes: Buffer) =>
  isLarge(path) ? sha256(bytes) : gitHash(bytes)

export async function startFakeHub(...repos: FakeRepo[]): Promise<FakeHub> {
  const requests: HubRequest[] = []
  let behaviour: HubBehaviour = {}
  let held: ServerResponse | undefined

  const record = (server: HubRequest['server'], request: IncomingMessage) => {
    const { range, authorization } = request.headers
    const entry: HubRequest = { server, url: request.url ?? '', range, authorization, sent: 0 }
    requests.push(entry)
    return entry
  }

  const sendFile = (
    entry: HubRequest,
    response: ServerResponse,
    path: string,
    contents: Buffer,
    headers: Record<string, string>,
  ) => {
    const bytes = behaviour.corrupts === path ? Buffer.alloc(contents.length, 7) : contents
    const [, from] = /^bytes=(\d+)-$/.exec(entry.range ?? '') ?? []
    const start = behaviour.ignoresRange ? 0 : Number(from ?? 0)
    const part = bytes.subarray(start)
    const ranged = from !== undefined && !behaviour.ignoresRange
    response.writeHead(ranged ? 206 : 200, {
      ...headers,
      'accept-ranges': 'bytes',
      'content-length': String(part.length),
      ...(ranged && {
        'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
      }),
    })
    const { hold } = behaviour
    if (hold?.path === path && start < hold.after) {
      entry.sent = hold.after - start
      response.write(part.subarray(0, entry.sent))
      held = response
      return
    }
    entry.sent = part.length
    response.end(part)
  }

  const cdn = createServer((request, response) => {
    const entry = record('cdn', request)
    const name = new URL(entry.url, 'http://cdn').pathname.slice(1)
    if (name === 'more') return void response.end('[]')
    for (const { files } of repos) {
      for (const [path, bytes] of files) {
        if (sha256(bytes) !== name) continue
        sendFile(entry, response, path, bytes, { etag: `"${name}"` })
        return undefined
      }
    }
    response.writeHead(404).end()
    return undefined
  })
  const cdnUrl = await listening(cdn)

  const refuse = (response: ServerResponse, status: number, code: string, error: string) => {
    response.writeHead(status, { 'x-error-code': code, 'content-type': 'application/json' })
    response.end(JSON.stringify({ error }))
  }

  const hub = createServer((request, response) => {
    const entry = record('hub', request)
    const { pathname } = new URL(entry.url, 'http://hub')
    if (behaviour.status !== undefined) return void response.writeHead(behaviour.status).end('…')
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)(?:\/(.+))?$/.exec(
      pathname,
    )
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname)
    const id = api?.[1] ?? resolve?.[1]
    const revision = decodeURIComponent(api?.[3] ?? resolve?.[2] ?? '')
    const mayRead =
      behaviour.token === undefined || entry.authorization === `Bearer ${behaviour.token}`
    const repo = repos.find((repo) => repo.id === id)
    // The hub does not tell strangers what exists.
    if (repo === undefined || (!mayRead && !behaviour.gated)) {
      if (entry.authorization === undefined) {
        return refuse(response, 401, 'RepoNotFound', 'Invalid username or password.')
      }
      return refuse(response, 404, 'RepoNotFound', 'Repository not found')
    }
    const commit =
      repo.revisions[revision] ?? Object.values(repo.revisions).find((sha) => sha === revision)
    if (commit === undefined) {
      return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`)
    }
    if (api !== null) {
      response.writeHead(200, {
        'content-type': 'application/json',
        ...(behaviour.straysTo && { link: `<${cdnUrl}/more>; rel="next"` }),
      })
      const folder = api[4] === undefined ? '' : `${decodeURIComponent(api[4])}/`
      response.end(
        JSON.stringify(api[2] === 'tree' ? tree(repo, folder, behaviour) : info(repo, commit)),
      )
      return undefined
    }
    const path = decodeURIComponent(resolve?.[3] ?? '')
    const bytes = repo.files.get(path)
    if (bytes === undefined) {
      return refuse(response, 404, 'EntryNotFound', 'Entry not found')
    }
    if (!mayRead) {
      return refuse(response, 401, 'GatedRepo', `Access to model ${repo.id} is restricted.`)
    }
    const headers = { 'x-repo-commit': commit }
    if (!isLarge(path)) {
      const etag = `"${gitHash(bytes)}"`
      sendFile(entry, response, path, bytes, { ...headers, etag })
      return undefined
    }
    const location = `${cdnUrl}/${sha256(bytes)}?signature=abc`
    response.writeHead(302, {
      ...headers,
      location,
      'x-linked-etag': `"${sha256(bytes)}"`,
      'x-linked-size': String(bytes.length),
    })
    response.end()
    return undefined
  })

  return {
    url: await listening(hub),
    requests,
    behave(next) {
      behaviour = next
      requests.length = 0
    },
    drop: () => held?.destroy(),
    async close() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
      }
    },
  }
}

const info = ({ id, files }: FakeRepo, sha: string) => ({
  _id: '0123456789abcdef01234567',
  id,
  private: false,
  gated: false,
  downloads: 0,
  likes: 0,
  lastModified: '2026-01-01T00:00:00.000Z',
  sha,
  siblings: [...files.keys()].map((rfilename) => ({ rfilename })),
})

/** The entries of one folder: files, and the folders of the others. */
function tree({ files }: FakeRepo, folder: string, { claims }: HubBehaviour): object[] {
  const under = [...files].filter(([path]) => path.startsWith(folder))
  const rest = (path: string) => path.slice(folder.length)
  const folders = new Set(under.flatMap(([path]) => rest(path).match(/^[^/]+(?=\/)/) ?? []))
  return [
    ...[...folders].map((name) => ({
      type: 'directory',
      path: `${folder}${name}`,
      size: 0,
      oid: '0'.repeat(40),
    })),
    ...under
      .filter(([path]) => !rest(path).includes('/'))
      .map(([path, bytes]) => {
        const size = claims !== undefined && path.endsWith('.safetensors') ? claims : bytes.length
        const oid = gitHash(bytes)
        const lfs = isLarge(path) ? { oid: sha256(bytes), size, pointerSize: 134 } : undefined
        return { type: 'file', path, size, oid, lfs }
      }),
  ]
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}
