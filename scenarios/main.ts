#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Reading and compiling a thousand modules takes longer than most commands: what was compiled once is kept for the next,
// in the system's temporary directory, where Node.js knows it by its own version and by each file's text. It has to be
// asked for before the first of them is read.
enableCompileCache()
await import("./cli/start.ts")
