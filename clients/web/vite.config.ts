import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

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

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [swaggerUi],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
