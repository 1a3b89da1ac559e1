import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressRanges } from '../../server/egress/address-ranges.ts';
import { isAddressAllowed, isGlobal } from '../../server/egress/egress-policy.ts';
import { closedEgress, readEgressSettings } from '../../server/egress/egress-settings.ts';

test('what is not globally routable is closed, from the first address of each range to the last', () => {
  for (const [first, last] of [
    ['0.0.0.0', '0.255.255.255'],
    ['10.0.0.0', '10.255.255.255'],
    ['100.64.0.0', '100.127.255.255'],
    ['127.0.0.0', '127.255.255.255'],
    ['169.254.0.0', '169.254.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.0.0.0', '192.0.0.255'],
    ['192.0.2.0', '192.0.2.255'],
    ['192.88.99.0', '192.88.99.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['198.18.0.0', '198.19.255.255'],
    ['198.51.100.0', '198.51.100.255'],
    ['203.0.113.0', '203.0.113.255'],
    ['224.0.0.0', '239.255.255.255'],
    ['240.0.0.0', '255.255.255.255'],
    ['168.63.129.16', '168.63.129.16'],
    ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
    ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['::ffff:8.8.8.8', '64:ff9b::808:808'],
    ['fe80::1%eth0', 'not an address'],
  ])
    for (const ip of [first, last]) assert.equal(isGlobal(String(ip)), false, ip);
});

test('what lies just beside those ranges is open', () => {
  for (const ip of ['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'])
    assert.ok(isGlobal(ip), ip);
  for (const ip of ['128.0.0.0', '172.15.255.255', '172.32.0.0', '198.20.0.0', '223.255.255.255', '168.63.129.17'])
    assert.ok(isGlobal(ip), ip);
  for (const ip of ['2001:200::', '2001:db7:ffff::', '2001:db9::', '2003::', '2620:4f:8001::', '2606:2800:21f::1'])
    assert.ok(isGlobal(ip), ip);
});

test('loopback is open only to a server that listens there; an allow-list opens what it names and no more', () => {
  const trial = closedEgress(true).policy;
  const opened = readEgressSettings({ HOOKLOOM_ALLOW_TARGETS: '10.1.0.0/16, fd00::/8' }, false, []).policy;
  for (const ip of ['127.0.0.53', '::1']) {
    assert.ok(isAddressAllowed(ip, trial), ip);
    assert.ok(!isAddressAllowed(ip, opened), ip);
  }
  for (const ip of ['10.1.2.3', 'fd00::1']) {
    assert.ok(isAddressAllowed(ip, opened), ip);
    assert.ok(!isAddressAllowed(ip, trial), ip);
  }
  for (const ip of ['10.2.0.1', 'fc00::1', '::ffff:10.1.2.3']) assert.ok(!isAddressAllowed(ip, opened), ip);
});

test('an item that is no address and no range is named', () => {
  for (const text of ['10.0.0.0/33', '10.0.0/8', '::/129', 'example.net', '10.0.0.0/', '10.0.0.0/-1', 'fe80::%eth0/64'])
    assert.throws(
      () => new AddressRanges([text]),
      new RegExp(`^Error: "${text.replaceAll('/', '\\/')}" is neither`),
      text,
    );
});

test('faults of the settings are all told, without a password', () => {
  const faults: string[] = [];
  readEgressSettings(
    {
      HOOKLOOM_ALLOW_TARGETS: '10.0.0.0/99',
      HOOKLOOM_ALLOW_PORTS: '80,http',
      HOOKLOOM_ALLOW_HTTP: 'yes',
      HOOKLOOM_DNS_SERVERS: 'dns.example.net',
      HOOKLOOM_EGRESS_PROXY: 'socks5://user:s3cret@proxy',
      HOOKLOOM_EGRESS_CA: 'no/such/file.pem',
    },
    false,
    faults,
  );
  assert.deepEqual(faults.map((fault) => /^HOOKLOOM_\w+/.exec(fault)?.[0]).sort(), [
    'HOOKLOOM_ALLOW_HTTP',
    'HOOKLOOM_ALLOW_PORTS',
    'HOOKLOOM_ALLOW_TARGETS',
    'HOOKLOOM_DNS_SERVERS',
    'HOOKLOOM_EGRESS_CA',
    'HOOKLOOM_EGRESS_PROXY',
  ]);
  assert.ok(!faults.join('\n').includes('s3cret'));
});
