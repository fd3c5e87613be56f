import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of our package.json: the repository, or the installed package (code in `dist/`). */
export const packageRoot: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
})()

/** Folder of a model that comes with the package. */
export const bundledModel = (name: 'nano-policy' | 'nano-reward') =>
  join(packageRoot, 'models', name)

/** A file of the running code, `.ts` in the repository and `.js` in the package. */
export const codeFile = (path: string) => {
  const self = fileURLToPath(import.meta.url)
  const extension = self.endsWith('.ts') ? '.ts' : '.js'
  return join(dirname(self), '..', `${path}${extension}`)
}
