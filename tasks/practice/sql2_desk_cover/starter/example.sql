INSERT INTO shifts VALUES (1, 'east', 480, 720), (2, 'east', 540, 600);
INSERT INTO breaks VALUES (1, 1, 630, 650), (2, 1, 645, 660);
