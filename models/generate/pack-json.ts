/** Prints the product's prompt pack as JSON, for the training scripts. */
import { defaultPack } from '../../api/prompts/pack.ts'

process.stdout.write(JSON.stringify(defaultPack))
