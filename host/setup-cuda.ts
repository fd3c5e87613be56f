import { setupCuda } from './cuda/command.ts'

process.exitCode = await setupCuda(process.argv.slice(2))
