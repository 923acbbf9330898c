"""What people edit (configuration, rules, registers), read into values or into problems with a line and a column."""
