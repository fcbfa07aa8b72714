#!/usr/bin/env node
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { serveCommand } from "#server/cli/serve.ts"
import packageJson from "../package.json" with { type: "json" }

const wattproof = Command.make("wattproof").pipe(
  Command.withDescription("A charging management system that is proven by simulation"),
  Command.withSubcommands([serveCommand])
)

Command.run(wattproof, { version: packageJson.version }).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
