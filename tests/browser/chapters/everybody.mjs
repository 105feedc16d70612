// What the inspection of all pages has found, and whether it has seen them all.
import assert from 'node:assert/strict';

export async function everybody(journey, world) {
  const { inspector } = world.browser;

  await journey.check('no page keeps anybody out', async () => {
    assert.equal(inspector.findings.length, 0, `${inspector.findings.length} findings:\n${inspector.findings.join('\n')}`);
    return `${inspector.looked.size} pages`;
  });
}
