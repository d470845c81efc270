// Opens report.html in Chromium: nothing is said on the console, nothing is
// fetched, tables sort, light and dark differ, it fits a phone: nothing is cut, no
// word is broken, no label is clipped. With a folder as second argument, screenshots
// are written there.
"use strict";
const assert = require("node:assert");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join, resolve } = require("node:path");
const { chromium } = require("playwright-core");

const [folder, shots] = process.argv.slice(2);
const page_url = `file://${resolve(folder, "report.html")}`;
const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

async function open(context, said) {
  const page = await context.newPage();
  page.on("console", (message) => said.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error}`));
  page.on("request", (request) => {
    if (request.url() !== page_url && !request.url().startsWith("data:")) said.push(`request: ${request.url()}`);
  });
  await page.goto(page_url);
  return page;
}

const cells = (page, table, column) =>
  page.$$eval(`${table} tbody tr`, (rows, column) => rows.map((row) => row.cells[column].textContent), column);

async function sorting(page) {
  const table = "#steps table.sorts";
  const names = await page.$$eval(`${table} th`, (heads) => heads.map((head) => head.textContent));
  const [step, ok] = [names.indexOf("step"), names.indexOf("ok")];
  const before = await cells(page, table, step);
  assert.deepStrictEqual(before, report.steps.map((step) => step.name));
  const grouped = (count) => count.toLocaleString("en-US");
  assert.deepStrictEqual(await cells(page, table, ok), report.steps.map((step) => grouped(step.ok.count)));
  await page.click(`${table} th:nth-child(${ok + 1}) button`);
  const counts = (await cells(page, table, ok)).map((count) => Number(count.replaceAll(",", "")));
  assert.deepStrictEqual(counts, [...counts].sort((a, b) => b - a));
  await page.click(`${table} th:nth-child(${step + 1}) button`);
  const after = await cells(page, table, step);
  assert.deepStrictEqual(after, [...before].sort((a, b) => a.localeCompare(b)));
  const sorted = await page.$eval(`${table} th:nth-child(${step + 1})`, (head) => head.ariaSort);
  assert.strictEqual(sorted, "ascending");
}

// What WCAG asks of text: 4.5 to 1.
async function contrast(page) {
  const low = await page.evaluate(() => {
    const luminance = (color) => {
      const [r, g, b] = color.match(/[\d.]+/g).map((part) => {
        const share = Number(part) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = luminance(getComputedStyle(document.body).backgroundColor);
    const low = new Set();
    for (const element of document.querySelectorAll("p, h1, h2, td, th, dd, dt, small, a, caption, figcaption, li, summary, svg text")) {
      const style = getComputedStyle(element);
      const ink = luminance(element instanceof SVGElement ? style.fill : style.color);
      const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      if (ratio < 4.5) low.add(`${element.tagName}.${element.getAttribute("class")}: ${ratio.toFixed(2)}`);
    }
    return [...low];
  });
  assert.deepStrictEqual(low, []);
}

// Nothing is cut, no word is broken that a line could hold, no label is clipped or
// written over another one.
async function layout(page, width) {
  await page.setViewportSize({ width, height: 844 });
  await page.$$eval("details", (all) => all.forEach((details) => { details.open = true; }));
  const wrong = await page.evaluate(() => {
    const wrong = new Set();
    const seen = (element) => getComputedStyle(element).clipPath === "none";
    for (const element of document.querySelectorAll("body, body *:not(svg *)")) {
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1 && seen(element)) {
        wrong.add(`cut: ${element.tagName} ${element.className}: ${element.textContent.slice(0, 60)}`);
      }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (text.parentElement.closest("svg, script, style")) continue;
      for (const word of text.data.matchAll(/[\p{L}\p{N}_.]{2,24}/gu)) {
        // The rest of a longer one may be anywhere.
        if (/[\p{L}\p{N}_.]/u.test(text.data[word.index + word[0].length] ?? " ")) continue;
        if (/[\p{L}\p{N}_.]/u.test(text.data[word.index - 1] ?? " ")) continue;
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
        if (lines.size > 1) wrong.add(`broken: ${word[0]} in ${text.data.slice(0, 60)}`);
      }
    }
    for (const plot of document.querySelectorAll("svg[role=img]")) {
      const frame = plot.getBoundingClientRect();
      const labels = [...plot.querySelectorAll("text")].map((label) => [label.textContent, label.getBoundingClientRect()]);
      for (const [text, box] of labels) {
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
          wrong.add(`clipped: ${text} in ${plot.ariaLabel}`);
        }
        for (const [other, beside] of labels) {
          const over = box !== beside && box.left < beside.right && beside.left < box.right
            && box.top + 3 < beside.bottom && beside.top + 3 < box.bottom;
          if (over) wrong.add(`one over the other: ${text}, ${other} in ${plot.ariaLabel}`);
        }
      }
    }
    return [...wrong];
  });
  assert.deepStrictEqual(wrong, [], `${width} pixels wide`);
}

async function main() {
  const profile = mkdtempSync(join(tmpdir(), "rehearse-chromium-"));
  const said = [];
  for (const [name, options] of [
    ["light", { viewport: { width: 1200, height: 1500 }, colorScheme: "light" }],
    ["dark", { viewport: { width: 1200, height: 1500 }, colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 }, colorScheme: "light", deviceScaleFactor: 2 }],
  ]) {
    const context = await chromium.launchPersistentContext(join(profile, name), {
      executablePath: "/usr/bin/chromium", args: flags, ...options,
    });
    const page = await open(context, said);
    const paper = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
    const first = await paper();
    assert.strictEqual(first === "rgb(255, 255, 255)", name !== "dark", first);
    await contrast(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert(wide <= 0, `the page is ${wide} pixels wider than the window`);
    if (shots) await page.screenshot({ path: join(shots, `report-${name}.png`) });
    await page.click("#theme");
    assert.notStrictEqual(await paper(), first);
    await contrast(page);
    if (name === "phone") {
      for (const width of [390, 320, 600, 800, 900, 1200]) await layout(page, width);
    }
    if (name === "light") {
      await sorting(page);
      const pdf = await page.pdf();
      assert(pdf.length > 10000, "nothing on paper");
    }
    await context.close();
  }
  rmSync(profile, { recursive: true, force: true });
  assert.deepStrictEqual(said, []);
  console.log("chromium: light, dark, phone and paper; nothing said, nothing fetched, tables sort");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
