/** `tpo doctor reward`: what there is for the reward model, what of it fits, and whether it scores. */
import { findDriver } from '../host/cuda/driver.ts'
import { exposeCudaLibraries } from '../host/cuda/library-path.ts'
import { cudaState } from '../host/cuda/state.ts'
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { checkModel } from '../inference/model/config.ts'
import { examine, tryOut } from './doctor/examine.ts'
import { optionsOf } from './options.ts'

await main(async (settings) => {
  const path = await modelFolder(settings.reward_model, 'nano-reward', checkModel('classifier'))
  const options = optionsOf(settings)
  const driver = await findDriver()
  for (const line of await examine(path, options, driver?.gpus ?? [])) console.log(line)
  for (const line of await cudaState(driver)) console.log(line)
  await exposeCudaLibraries()
  console.log(`Trying TPO_REWARD_DEVICES=${settings.reward_devices.join(',')} …`)
  console.log(`  ${await tryOut(path, options)}`)
}, 'reward_model')
