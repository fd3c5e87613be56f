import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** The folder of our package.json: the repository, or the installed package (code in `dist/`). */
export const packageRoot: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
})()

export const packageVersion = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))).version

/** Folder of a model that comes with the package. */
export const bundledModel = (name: 'nano-policy' | 'nano-reward') =>
  join(packageRoot, 'models', name)

/** The running code: the repository itself, or `dist/` of the package. */
const code = join(dirname(fileURLToPath(import.meta.url)), '..')

/** A module of the running code, `.ts` in the repository and `.js` in the package. */
export const codeFile = (path: string) => join(code, `${path}${extname(import.meta.url)}`)

/** Where the built web page lies. */
export const builtPage = join(code, 'clients/web/dist')
