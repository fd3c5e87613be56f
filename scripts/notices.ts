/** Writes THIRD_PARTY_NOTICES.md: every package we ship or bundle, with its licence's text. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
})

/** Built into the page, so they travel though npm does not install them for users. */
const bundled = new Set([
  'node_modules/preact',
  'node_modules/@preact/signals',
  'node_modules/@preact/signals-core',
  'node_modules/idb',
  'node_modules/marked',
  'node_modules/swagger-ui-dist',
])

const { packages } = Lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
const sections = Object.entries(packages)
  .filter(([path, entry]) => path !== '' && !entry.optional && (!entry.dev || bundled.has(path)))
  .map(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return `## ${name} ${entry.version}\n\nLicence: ${entry.license ?? 'see below'}\n\n${licenceText(path)}`
  })
  .sort()
writeFileSync(
  'THIRD_PARTY_NOTICES.md',
  `# Third-party notices\n\nPackages that tpo-edge installs or bundles. Made by \`npm run notices\`.\n\n${[...new Set(sections)].join('\n')}`,
)

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name))
  if (file === undefined) return ''
  return `\`\`\`\n${readFileSync(join(folder, file), 'utf8').replaceAll('```', "'''").trim()}\n\`\`\`\n`
}
