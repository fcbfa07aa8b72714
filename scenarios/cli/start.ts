import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { Screen } from "#server/cli/Screen.ts"
import { catalogue } from "../Catalogue.ts"
import { execute } from "./application.ts"
import { commit } from "./commit.ts"
import { main } from "./process.ts"
import { runnerOf } from "./runner.ts"
import { styled } from "./terminal.ts"

const args = process.argv.slice(2)

main(
  execute({ scenarios: catalogue, runner: runnerOf(commit), nowMs: () => performance.now() }, args).pipe(
    Effect.provideService(Screen, {
      out: styled(process.stdout, process.env),
      err: styled(process.stderr, process.env)
    }),
    Effect.provide(NodeServices.layer)
  ),
  args
)
