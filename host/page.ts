import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { MiddlewareHandler } from 'hono'
import { withLock } from './lock.ts'
import { builtPage, packageRoot } from './package-root.ts'

const web = join(packageRoot, 'clients/web')
const mark = join(builtPage, '.built-from')

/** Builds the web page when its sources have changed since the last build (never in the package, where it is built). */
export async function buildPage(): Promise<void> {
  if (!existsSync(join(web, 'index.html'))) return
  const hash = sourceHash()
  const isCurrent = () => existsSync(mark) && readFileSync(mark, 'utf8') === hash
  if (isCurrent()) return
  const build = async () => {
    if (isCurrent()) return
    console.log('tpo: building the page…')
    const vite = await import('vite')
    await vite.build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'warn' })
    writeFileSync(mark, hash)
  }
  await withLock(`${builtPage}.lock`, build, () => undefined)
}

/** Answers with the built page; with nothing where it is not built, as for an API that no person opens. */
export const servePage = (): MiddlewareHandler =>
  existsSync(builtPage) ? serveStatic({ root: builtPage }) : (_, next) => next()

function sourceHash(): string {
  const hash = createHash('sha256')
  for (const folder of [web, join(packageRoot, 'clients/common'), join(packageRoot, 'shared')]) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.startsWith(builtPage))
      .sort()
    for (const file of files) hash.update(file).update(readFileSync(file))
  }
  return hash.update(readFileSync(join(packageRoot, 'package-lock.json'))).digest('hex')
}
