// The pages' own tests: a made-up centre, its special cases, then the same operator's work as against a real one.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runMockCases } from "./mock-cases.mjs";
import { PASSWORD, startMock } from "./mock-server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const shots = process.env.LENKE_SHOTS ?? "";
const cases = await startMock();
const steps = await runMockCases(cases.url, shots);
cases.stop();
steps.end();

for (const name of ["admin", "operator"]) {
  const mock = await startMock();
  const child = spawn(process.execPath, [join(here, "console.mjs")], { stdio: "inherit", env: { ...process.env, LENKE_URL: mock.url, LENKE_USER: name, LENKE_PASSWORD: PASSWORD, LENKE_SHOTS: shots && name === "admin" ? shots : "" } });
  const code = await new Promise((done) => child.on("exit", done));
  mock.stop();
  if (code !== 0) process.exitCode = 1;
}
