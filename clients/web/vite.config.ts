import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { defineConfig, type Plugin } from 'vite'
import { securityHeaders } from '../../shared/security-headers.ts'

/** Swagger UI's two files, for /docs: from our own origin on every runtime that serves the page. */
const swaggerUi: Plugin = {
  name: 'swagger-ui',
  generateBundle() {
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
      const path = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`))
      this.emitFile({ type: 'asset', fileName: `docs/${file}`, source: readFileSync(path) })
    }
  },
}

/** Cloudflare serves the page without the app, so it reads here what the app would tell browsers. */
const headersFile: Plugin = {
  name: 'headers-file',
  async generateBundle() {
    const app = new Hono().use(secureHeaders(securityHeaders)).get('/', (c) => c.body(null))
    const { headers } = await app.request('/')
    const lines = [...headers].map(([name, value]) => `  ${name}: ${value}\n`)
    this.emitFile({ type: 'asset', fileName: '_headers', source: `/*\n${lines.join('')}` })
  },
}

/** Of marked only its lexer; the parser it makes for itself at once would bring all the rest. */
const markedLexer: Plugin = {
  name: 'marked-lexer',
  transform(code, id) {
    if (!id.endsWith('/marked.esm.js')) return undefined
    const [, lexer] = /export\{.*?(\w+) as Lexer\b/.exec(code) ?? []
    const parser =
      /;var (\w+)=new \w+;function \w+\((\w+),(\w+)\)\{return \1\.parse\(\2,\3\)\}/.exec(code)
    if (lexer === undefined || parser === null) throw new Error('marked has another shape now')
    return { code: `${code.slice(0, parser.index)};export{${lexer} as Lexer}`, map: null }
  },
}

/**
 * zod's way from its schemas to JSON Schema, which every schema carries and no page uses: a fifth
 * of zod. Its functions are there, and do nothing.
 */
const withoutJsonSchema: Plugin = {
  name: 'without-json-schema',
  enforce: 'pre',
  load(id) {
    if (!/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/.test(id)) return null
    const names = readFileSync(id, 'utf8').matchAll(/^export (?:const|function) (\w+)/gm)
    return [...names].map(([, name]) => `export const ${name} = () => undefined`).join('\n')
  },
}

/** What fields are for stands in the API's document, which the page does not write. */
const withoutDescriptions: Plugin = {
  name: 'without-descriptions',
  enforce: 'pre',
  transform(code, id) {
    if (!/\/shared\/[\w-]+\.ts$/.test(id)) return undefined
    const described = /\s*\.describe\(\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,?\s*\)/g
    return { code: code.replaceAll(described, ''), map: null }
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [swaggerUi, headersFile, markedLexer, withoutJsonSchema, withoutDescriptions],
  // Where tests build it, too, it is the page that is shipped.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // One chunk that keeps their order: the content policy is told before zod's schemas are made.
        codeSplitting: {
          groups: [
            { name: 'base', test: /content-policy|\/shared\/|node_modules\/(?:zod|@?preact)\// },
          ],
        },
      },
    },
  },
})
