// Opens a report in headless Chromium as its readers do: light, dark, on a phone, by keyboard, on paper. Exits with 1 if
// anything is wrong. check.mjs REPORT.html FOLDER-FOR-SCREENSHOTS HEADING...

import axe from "axe-core";
import { mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [report, folder] = process.argv.slice(2, 4).map((path) => resolve(path));
const headings = process.argv.slice(4);
const MOST_BYTES = 1024 * 1024;
// A busy machine is no fault of the page.
const SLOWEST_MS = 10 * 60 * 1000;
const VIEWS = [
  { name: "light", width: 1280, height: 900, scheme: "light" },
  { name: "dark", width: 1280, height: 900, scheme: "dark" },
  { name: "phone", width: 360, height: 740, scheme: "light" },
];
const faults = [];
const expect = (holds, what) => holds || faults.push(what);

async function open(browser, view) {
  const page = await browser.newPage();
  page.setDefaultTimeout(SLOWEST_MS);
  page.on("console", (message) => faults.push(`${view.name}: console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`${view.name}: ${error.message}`));
  page.on("request", (request) => {
    const own = request.url().startsWith("file:") && request.isNavigationRequest();
    expect(own, `${view.name}: asks for ${request.url()}`);
  });
  await page.setOfflineMode(true);
  await page.setViewport({ width: view.width, height: view.height, isMobile: view.width < 500 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.scheme }]);
  await page.goto(pathToFileURL(report).href);
  return page;
}

// Everything open, so that what is folded away is looked at as well.
const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));

async function look(page, view) {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `${folder}/${view.name}.png` });
  await page.screenshot({ path: `${folder}/${view.name}-whole.png`, fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide <= 0, `${view.name}: the page is ${wide} pixels wider than the window`);
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = paper.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 100);
  expect(dark === (view.scheme === "dark"), `${view.name}: the background is ${paper}`);
  await unfold(page);
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => axe.run());
  expect(passes.length > 10, `${view.name}: axe-core looked at next to nothing`);
  for (const { id, impact, nodes } of violations) {
    const serious = impact === "serious" || impact === "critical";
    const what = `${view.name}: axe-core: ${impact} ${id} at ${nodes.length} places, the first ${nodes[0].html.slice(0, 200)}`;
    if (serious) faults.push(what);
    else console.log(what);
  }
}

async function keyboard(page) {
  await page.evaluate(() => document.activeElement.blur());
  const stops = await page.evaluate(() => document.querySelectorAll("a[href], summary, [tabindex='0']").length);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement.className === "skip"), "Tab does not reach the skip link first");
  const closed = await page.$("details:not([open]) > summary");
  await closed.focus();
  await page.keyboard.press("Enter");
  expect(await closed.evaluate((summary) => summary.parentElement.open), "Enter does not unfold");
  const reached = await page.evaluate(() => [...document.querySelectorAll("a[href], summary, [tabindex='0']")].filter((e) => e.tabIndex === 0).length);
  expect(reached === stops && stops > 5, `${reached} of ${stops} places are reached by keyboard`);
}

mkdirSync(folder, { recursive: true });
const browser = await puppeteer.launch({
  protocolTimeout: SLOWEST_MS,
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  for (const view of VIEWS) {
    const page = await open(browser, view);
    if (view.name === "light") await keyboard(page);
    if (view.name === "light") await page.reload();
    await look(page, view);
    const sections = await page.$$eval("h3", (all) => all.map((h) => h.textContent));
    for (const section of headings) {
      expect(sections.includes(section), `${view.name}: no section ${section}`);
    }
    if (view.name === "dark") {
      const pdf = await page.pdf({ path: `${folder}/report.pdf`, format: "A4" });
      expect(pdf.length > 20_000, "next to nothing is printed");
    }
    await page.close();
  }
} finally {
  await browser.close();
}
const bytes = statSync(report).size;
expect(bytes < MOST_BYTES, `the report has ${bytes} bytes`);
for (const fault of faults) console.error(`page test: ${fault}`);
console.log(`page test: ${report}: ${bytes} bytes, ${VIEWS.length} views, ${faults.length} faults; pictures in ${folder}`);
process.exit(faults.length > 0 ? 1 : 0);
