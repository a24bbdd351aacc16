import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, type Page, chromium } from 'playwright-core';

const path = '/usr/bin/chromium';

/** Debian's own Chromium, without a window; installed where that may be done. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(path)) {
    if (process.getuid?.() !== 0)
      throw new Error(
        'the gallery needs Chromium: apt-get install chromium fonts-noto-color-emoji',
      );
    const quiet = { stdio: 'ignore' } as const;
    spawnSync('apt-get', ['update'], quiet);
    execFileSync('apt-get', ['install', '-y', 'chromium', 'fonts-noto-color-emoji'], quiet);
  }
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
}

/** A page of the workspace as wide as the screen of a phone or of a desk: no list of channels beside the messages. */
export async function openPage(browser: Browser, url: string, width: number): Promise<Page> {
  // High enough for the longest message: what is scrolled away is not in the picture.
  const page = await browser.newPage({ viewport: { width, height: 6000 } });
  await page.goto(url);
  await page.addStyleTag({
    content: [
      '.topbar, .sidebar, .composer, .channel-header { display: none !important }',
      // As Slack's own clients do with words that are longer than a line.
      '.msg, .modal { overflow-wrap: anywhere }',
    ].join('\n'),
  });
  await page.waitForSelector('.msg');
  return page;
}

export interface PictureSize {
  readonly height: number;
  /** What reaches beyond the right edge, in words of the page. */
  readonly cut: readonly string[];
}

/** Takes the picture of an element, and says how high it is and what of it is cut. */
export async function takePicture(
  page: Page,
  selector: string,
  file: string,
): Promise<PictureSize> {
  const element = page.locator(selector).last();
  await element.scrollIntoViewIfNeeded();
  await element.screenshot({ path: file });
  // As text, since it runs in the page.
  const found: unknown = await page.evaluate(
    `(${measure})([...document.querySelectorAll(${JSON.stringify(selector)})].at(-1))`,
  );
  return found as PictureSize;
}

const measure = `(element) => {
  const edge = element.getBoundingClientRect().right + 1;
  const cut = [...element.querySelectorAll('*')].filter((one) => {
    const { right, width } = one.getBoundingClientRect();
    const hides = getComputedStyle(one).overflowX === 'hidden' && one.scrollWidth > one.clientWidth + 1;
    return width > 0 && (right > edge || right > innerWidth + 1 || hides);
  });
  return {
    height: Math.ceil(element.getBoundingClientRect().height),
    cut: cut.map((one) => one.textContent.slice(0, 60)),
  };
}`;
