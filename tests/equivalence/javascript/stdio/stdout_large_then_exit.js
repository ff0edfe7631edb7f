// Pipes are written at once on Linux, up to what they hold; both ways must keep the same bytes.
process.stdout.write('x'.repeat(60000) + '\n');
process.exit(0);
