SELECT * FROM (VALUES ('east', 480, 540, 1), ('east', 540, 600, 2), ('east', 600, 630, 1),
                      ('east', 630, 660, 0), ('east', 660, 720, 1));
